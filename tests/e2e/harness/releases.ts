import type { Client } from '@waybill/example';
import { commitNamed, digestOf } from './kit.js';
import { until } from './until.js';

export interface SeenRelease {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly outcome: string | null;
  readonly slot: string | null;
  readonly rule: { readonly name: string; readonly resources: readonly string[] } | null;
  readonly config: {
    readonly directory: string;
    readonly fallback: boolean;
    readonly commit: string;
    readonly digest: string;
  } | null;
  readonly deliverable: { readonly digest: string } | null;
  readonly reuses: string | null;
  readonly trigger: string;
  readonly holds: readonly {
    readonly kind: string;
    readonly message: string;
    readonly frees: string;
    readonly details: Record<string, unknown>;
  }[];
  readonly locations: readonly {
    readonly location: string;
    readonly state: string;
    readonly generation: number | null;
    readonly message: string | null;
  }[];
  readonly deployments: readonly {
    readonly name: string;
    readonly location: string;
    readonly generation: number;
    readonly state: string;
    readonly deliveredCommit: string | null;
  }[];
}

export const SEEN = `id state reason outcome slot trigger reuses
  rule { name resources } config { directory fallback commit digest } deliverable
  holds { kind message frees details }
  locations { location state generation message }
  deployments { name location generation state deliveredCommit }`;

/** Asks for a release of a branch (or `tag:<name>`) at a commit named by `label`, with an image unless told not to. */
export async function requestRelease(
  client: Client,
  project: string,
  ref: string,
  label = ref,
  more: Record<string, unknown> = {},
): Promise<SeenRelease> {
  const tag = ref.startsWith('tag:');
  const answer = await client.ask<{ requestRelease: { release: SeenRelease } }>(
    `mutation Request($input: RequestReleaseInput!) { requestRelease(input: $input) { release { ${SEEN} } position } }`,
    {
      input: {
        project,
        ref: { kind: tag ? 'TAG' : 'BRANCH', name: tag ? ref.slice(4) : ref },
        commit: commitNamed(label),
        deliverable: { kind: 'image', image: 'registry.example/shop', digest: digestOf(label) },
        ...more,
      },
    },
  );
  return answer.requestRelease.release;
}

export async function readRelease(client: Client, id: string): Promise<SeenRelease> {
  const { release } = await client.ask<{ release: SeenRelease | null }>(
    `query Release($id: ID!) { release(id: $id) { ${SEEN} } }`,
    { id },
  );
  if (!release) throw new Error(`no release ${id}`);
  return release;
}

/** The release once its state is one of these. */
export function releaseIn(client: Client, id: string, ...states: string[]): Promise<SeenRelease> {
  return until(
    `release ${id} is ${states.join(' or ')}`,
    () => readRelease(client, id),
    ({ state }) => states.includes(state),
  );
}

/** The release once it is held for reasons of exactly these kinds. */
export function releaseHeld(client: Client, id: string, ...kinds: string[]): Promise<SeenRelease> {
  const wanted = [...kinds].sort().join();
  return until(
    `release ${id} is held for ${wanted}`,
    () => readRelease(client, id),
    ({ state, holds }) => state === 'HELD' && [...new Set(holds.map(({ kind }) => kind))].sort().join() === wanted,
  );
}

export interface SeenEnvironment {
  readonly name: string;
  readonly state: string;
  readonly generation: number;
  readonly current: {
    readonly generation: number;
    readonly commit: string | null;
    readonly deliverable: { readonly digest: string } | null;
  } | null;
  readonly drift: { readonly paths: readonly string[]; readonly commit: string | null } | null;
  readonly pendingConfig: { readonly directory: string; readonly commit: string } | null;
}

export async function environmentsOf(
  client: Client,
  project: string,
  includeRemoved = false,
): Promise<SeenEnvironment[]> {
  const { environments } = await client.ask<{ environments: { nodes: SeenEnvironment[] } }>(
    `query Environments($filter: EnvironmentFilter) { environments(first: 100, filter: $filter) { nodes {
      name state generation current { generation commit deliverable } drift { paths commit } pendingConfig { directory commit }
    } } }`,
    { filter: { project, includeRemoved } },
  );
  return environments.nodes;
}

export async function environmentNamed(client: Client, name: string): Promise<SeenEnvironment | undefined> {
  const project = name.slice(0, name.indexOf('.'));
  return (await environmentsOf(client, project, true)).find((environment) => environment.name === name);
}
