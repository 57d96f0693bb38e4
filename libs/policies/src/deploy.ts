import type { DesiredState } from '@waybill/channel';
import { type ConfigContents, type ParsedContents, parseContents } from '@waybill/config';
import {
  type EnvironmentEvent,
  type EnvironmentId,
  type LocationState,
  type ProjectState,
  type ReleaseEvent,
  environmentName,
  environmentStreamOf,
  hostClash,
  hostsOf,
  machineText,
  migrationInForce,
} from '@waybill/domain';
import {
  type CommandMetadata,
  WaybillError,
  canonicalText,
  derivedId,
  isWaybillError,
  newestKept,
} from '@waybill/kernel';
import { composeDesiredState } from './desired.js';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { type ReadRelease, readProject, readRelease } from './read.js';
import { type AssumedMigration, readLocation, resourcesAt } from './resources-at.js';

export interface DeployDependencies extends PolicyDependencies {
  readonly contents: { get(digest: string): Promise<string>; put(text: string): Promise<string> };
  /** Those of the project that something is to run in. */
  readonly liveEnvironments: (project: string) => Promise<readonly { readonly environment: EnvironmentId }[]>;
}

export interface Deploying extends DeployDependencies {
  /** The configuration under a digest; throws like `contents.get` and `parseContents`. */
  readonly parsed: (digest: string) => Promise<ParsedContents>;
}

/** Characters of configurations kept parsed: a pipeline deploys the same one again and again. */
const KEPT_TEXT = 4_000_000;

export const deployingWith = (dependencies: DeployDependencies): Deploying => ({
  ...dependencies,
  parsed: parsedContents(dependencies.contents),
});

function parsedContents(contents: DeployDependencies['contents']): Deploying['parsed'] {
  const known = newestKept<ParsedContents>(KEPT_TEXT);
  return async (digest) => {
    // Read each time: what was erased is gone.
    const text = await contents.get(digest);
    const parsed = known.get(digest) ?? parseContents(JSON.parse(text) as ConfigContents);
    known.set(digest, parsed, text.length);
    return parsed;
  };
}

/** One deployment per location of a stage that has started. */
export function deployStages(dependencies: DeployDependencies): Policy {
  const name = 'deploy-stages';
  const { catalogue, send, now } = dependencies;
  const deploying = deployingWith(dependencies);
  return {
    name,
    handles: new Set(['StageStarted']),
    async react(recorded) {
      const event = catalogue.upcast<ReleaseEvent>(recorded);
      if (event.type !== 'StageStarted') return;
      const { release, locations } = event.data;
      const read = await readRelease(dependencies, release);
      if (!read) return;
      for (const location of locations) {
        const metadata = causedBy(recorded, name, location, now());
        if (read.state.phase !== 'deploying') {
          // Seen again after a cancellation: what was requested the first time concludes by its reports.
          if (await wasRequested(dependencies, read, location)) continue;
          await send({
            type: 'ConcludeLocation',
            data: { release, location, generation: null, outcome: 'cancelled', message: null },
            metadata,
          });
          continue;
        }
        const migration = migrationInForce(await readLocation(dependencies, location));
        if (migration?.phase !== 'completed') {
          await requestDeployment(deploying, release, read, location, metadata);
          continue;
        }
        // Planned before everything went elsewhere, started after.
        const redirected = { ...metadata, commandId: derivedId('redirect', metadata.commandId) };
        await send({ type: 'RedirectLocation', data: { release, location, to: migration.to }, metadata: redirected });
        const today = (await readRelease(dependencies, release)) ?? read;
        await requestDeployment(deploying, release, today, migration.to, metadata);
      }
    },
  };
}

async function wasRequested(
  { store, catalogue }: DeployDependencies,
  { state, requested }: ReadRelease,
  location: string,
): Promise<boolean> {
  if (!state.slot) return false;
  const events = await store.readStream(
    environmentStreamOf({ project: requested.project, slot: state.slot, location }),
  );
  return events
    .map((recorded) => catalogue.upcast<EnvironmentEvent>(recorded))
    .some(
      (event) =>
        (event.type === 'DeploymentRequested' || event.type === 'DeploymentForwarded') &&
        event.data.release === requested.release,
    );
}

/** Asks an environment to take a release, or tells the release why that cannot be planned. */
export async function requestDeployment(
  dependencies: Deploying,
  release: string,
  read: ReadRelease,
  location: string,
  metadata: CommandMetadata,
): Promise<void> {
  const { state, requested, order } = read;
  const { rule, slot, config, deliverable } = state;
  if (!rule || !slot || !config || !deliverable)
    throw new Error(`release ${release} was started before it was planned`);
  const environment: EnvironmentId = { project: requested.project, slot, location };
  let desired: string;
  try {
    desired = await dependencies.contents.put(await desiredText(dependencies, release, read, environment));
  } catch (error) {
    if (!isWaybillError(error) || !FINAL.has(error.code)) throw error;
    await dependencies.send({
      type: 'ConcludeLocation',
      data: { release, location, generation: null, outcome: 'rejected', message: machineText(error.message) },
      metadata,
    });
    return;
  }
  await dependencies.send({
    type: 'RequestDeployment',
    data: {
      environment,
      order,
      release,
      ref: requested.ref,
      commit: requested.commit,
      deliverable,
      tier: rule.tier,
      configDigest: config.digest,
      desired,
    },
    metadata,
  });
}

/** Faults that trying again cannot cure. */
export const FINAL = new Set([
  'CONTENT_TOO_LARGE',
  'SECRET_FOUND',
  'CONTENT_NOT_FOUND',
  'INVALID_STATE',
  'INVALID_INPUT',
]);

/** The desired state of a release in one environment, as text. Throws like `contents.get` and `parseContents`. */
export async function desiredText(
  dependencies: Deploying,
  release: string,
  { state, requested }: ReadRelease,
  environment: EnvironmentId,
  assumed?: AssumedMigration,
): Promise<string> {
  const project = await readProject(dependencies, requested.project, state.metadataRevision ?? undefined);
  const desired = composeDesiredState({
    environment,
    release,
    ref: requested.ref,
    commit: requested.commit,
    deliverable: state.deliverable!,
    rule: state.rule!,
    source: requested.source,
    project,
    config: state.config!,
    contents: await dependencies.parsed(state.config!.contents),
    resources: await resourcesAt(dependencies, state.resources, environment.location, assumed),
  });
  refuseUnableLocation(desired, await readLocation(dependencies, environment.location));
  await refuseTakenHosts(dependencies, desired, project);
  return canonicalText(desired);
}

/** Rules and configurations were checked when they were written; how the location is reached may have changed since. */
function refuseUnableLocation({ environment, strategy }: DesiredState, { delivery }: LocationState): void {
  if (strategy.type === 'rolling' || delivery?.kind === 'cluster') return;
  throw new WaybillError(
    'INVALID_STATE',
    `${environmentName(environment)} cannot be rolled out as ${strategy.type}: ${environment.location} is delivered through ${delivery?.kind ?? 'nothing'}`,
    {
      hint: 'Give the branch rule the strategy rolling, or have the location delivered by an operator in its cluster.',
    },
  );
}

/** A host under which two environments are reached would show the one or the other. */
async function refuseTakenHosts(
  { liveEnvironments }: Deploying,
  { environment, strategy, service }: DesiredState,
  { business, rules }: ProjectState,
): Promise<void> {
  const preview = strategy.type === 'blue-green' ? strategy.previewHost : undefined;
  const previewed = rules.some((rule) => rule.strategy.type === 'blue-green' && rule.strategy.previewHost);
  if (preview === undefined && !previewed) return;
  const live = await liveEnvironments(environment.project);
  const slots = live.flatMap(({ environment: other }) => (other.location === environment.location ? other.slot : []));
  const own = { slot: environment.slot, domains: service.domains, previews: preview === undefined ? [] : [preview] };
  const clash = hostClash(
    own,
    slots.map((slot) => hostsOf(slot, business?.domains ?? [], rules)),
  );
  if (clash === null) return;
  throw new WaybillError('INVALID_STATE', `${environmentName(environment)} cannot be deployed: ${clash}`, {
    hint: 'Choose another preview host in the branch rule, or another name for the branch.',
  });
}
