import { type Client, Refusal } from '@waybill/example';
import type { Kit } from '../../e2e/harness/kit.js';
import { type Files, commitFiles } from '../../e2e/harness/git.js';
import { givenProject, PLAIN } from '../../e2e/harness/project.js';
import { releaseIn, requestRelease, type SeenRelease } from '../../e2e/harness/releases.js';
import type { Stage } from './stage.js';

/** Onboards the location with `cluster` delivery and a kubernetes resource in its namespace. */
export async function onboardCluster({ kit: { admin }, place }: Stage, location: string): Promise<void> {
  await admin.ask(`mutation Onboard($input: LocationInput!) { onboardLocation(input: $input) { position } }`, {
    input: { key: location, delivery: { kind: 'cluster' } },
  });
  await admin.ask(`mutation Onboard($input: ResourceInput!) { onboardResource(input: $input) { position } }`, {
    input: {
      key: `kubernetes-${location}`,
      location,
      kind: 'kubernetes',
      parameters: { namespace: place(location).target },
    },
  });
}

export interface Shop {
  /** Changes files of the config repository; null removes one. */
  configure(files: Files): void;
  /** Asks for a release of a branch and waits for its end. */
  release(ref: string, label: string): Promise<SeenRelease>;
  /** Asks for it only. */
  ask(ref: string, label: string): Promise<SeenRelease>;
  /** Types of the events of a deployment, in their order. */
  told(environment: string, generation: number): Promise<string[]>;
}

/** Project `shop`: any branch of small letters goes to the location, configured by `files` below `shop/`. */
export async function givenShop(
  stage: Stage,
  location: string,
  options: { readonly files?: Files; readonly rule?: object } = {},
): Promise<Shop> {
  const { kit } = stage;
  await onboardCluster(stage, location);
  const rule = {
    name: 'any',
    branch: '^[a-z]+$',
    resources: [`kubernetes-${location}`],
    tier: 'dev',
    directory: 'any',
    ...options.rule,
  };
  const config = await givenProject(kit, 'shop', {
    rules: [rule],
    files: { 'shop/any/waybill.yaml': PLAIN, ...options.files },
  });
  return {
    configure: (files) => void commitFiles(config, files),
    ask: (ref, label) => requestRelease(kit.admin, 'shop', ref, label),
    release: async (ref, label) => ended(kit, (await requestRelease(kit.admin, 'shop', ref, label)).id),
    told: async (environment, generation) =>
      (await eventsOf(kit.admin, `deployment-${environment}.${generation}`)).map(({ type }) => type),
  };
}

export const ended = (kit: Kit, id: string): Promise<SeenRelease> =>
  releaseIn(kit.admin, id, 'COMPLETED', 'FAILED', 'SUPERSEDED');

export interface SeenEvent {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Empty for a stream that is not there yet. */
export async function eventsOf(client: Client, stream: string): Promise<SeenEvent[]> {
  try {
    const { events } = await client.ask<{ events: { nodes: SeenEvent[] } }>(
      `query Events($stream: String!) { events(stream: $stream, first: 100) { nodes { type data } } }`,
      { stream },
    );
    return events.nodes;
  } catch (error) {
    if (error instanceof Refusal && error.message.startsWith('no stream')) return [];
    throw error;
  }
}
