import {
  MAX_ATTRIBUTES,
  ROLLBACK_OF,
  ROLLBACK_REASON,
  type BranchRule,
  type EnvironmentEvent,
  type ReleaseEvent,
  compileRules,
  environmentStreamOf,
  matchRef,
  projectStreamOf,
  releaseStreamOf,
  rulesInForce,
} from '@waybill/domain';
import { type RecordedEvent, derivedId } from '@waybill/kernel';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { type ReadRelease, readDeployment, readRelease } from './read.js';

/**
 * A failed release whose rule says so is followed by a release of what ran before, with its intent as it stood: once,
 * as a rollback that fails is not rolled back, and only while nothing newer was asked for in its environments. Where
 * what ran before never left, in every environment of the release, there is nothing to bring back: a rollout in steps
 * that went back by itself has done it already.
 */
export function rollBack(dependencies: PolicyDependencies): Policy {
  const name = 'roll-back';
  return {
    name,
    handles: new Set(['ReleaseFailed']),
    async react(recorded) {
      const event = dependencies.catalogue.upcast<ReleaseEvent>(recorded);
      if (event.type !== 'ReleaseFailed') return;
      const failed = await readRelease(dependencies, event.data.release);
      if (failed?.state.rule?.onFailure !== 'rollback' || failed.requested.trigger === 'rollback') return;
      const histories = await historiesOf(dependencies, failed);
      if (histories.some((newestFirst) => hasNewerThan(failed.order, newestFirst))) return;
      if (await neverLeft(dependencies, failed)) return;
      const good = await lastGoodRelease(dependencies, failed, histories);
      if (good) await requestAgain(dependencies, name, recorded, good, { trigger: 'rollback', failed });
    },
  };
}

/** A commit that touched only the configuration of a running environment redeploys it where the rule says so. */
export function redeployOnConfigChange(dependencies: PolicyDependencies): Policy {
  const name = 'redeploy-on-config-change';
  return {
    name,
    handles: new Set(['ConfigChangeNoticed']),
    async react(recorded) {
      const event = dependencies.catalogue.upcast<EnvironmentEvent>(recorded);
      if (event.type !== 'ConfigChangeNoticed') return;
      const { environment, digest } = event.data;
      const newestFirst = await dependencies.store.readStream(environmentStreamOf(environment), {
        direction: 'backwards',
      });
      const running = newestFirst
        .map((e) => dependencies.catalogue.upcast<EnvironmentEvent>(e))
        .find((e) => e.type === 'DeploymentRequested');
      // A change that was taken back asks for nothing.
      if (!running || running.data.configDigest === digest) return;
      const release = await readRelease(dependencies, running.data.release);
      if (!release) return;
      const rule = await ruleOf(dependencies, release);
      // One release serves every location of the ref: they share this target, hence the command id.
      if (rule?.onConfigChange === 'redeploy') {
        await requestAgain(dependencies, name, recorded, release, { trigger: 'config-change', digest });
      }
    },
  };
}

async function ruleOf({ store }: PolicyDependencies, { requested }: ReadRelease): Promise<BranchRule | undefined> {
  const inForce = rulesInForce(await store.readStream(projectStreamOf(requested.project)));
  return inForce ? matchRef(compileRules(inForce.rules), requested.ref)?.rule : undefined;
}

/** What each environment of a release went through, newest first. */
async function historiesOf(
  { store, catalogue }: PolicyDependencies,
  { requested, state }: ReadRelease,
): Promise<readonly (readonly EnvironmentEvent[])[]> {
  const { slot, locations } = state;
  if (!slot) return [];
  return Promise.all(
    Object.keys(locations).map(async (location) => {
      const stream = environmentStreamOf({ project: requested.project, slot, location });
      const newestFirst = await store.readStream(stream, { direction: 'backwards' });
      return newestFirst.map((recorded) => catalogue.upcast<EnvironmentEvent>(recorded));
    }),
  );
}

/** Going back would take away what was asked for since. */
const hasNewerThan = (order: number, newestFirst: readonly EnvironmentEvent[]): boolean =>
  newestFirst.some((event) => event.type !== 'DeploymentRefused' && 'order' in event.data && event.data.order > order);

/** Whether every environment of the release still runs what it did: nothing of it was asked for there, or it went back. */
async function neverLeft(
  dependencies: PolicyDependencies,
  { requested, state: { slot, locations } }: ReadRelease,
): Promise<boolean> {
  if (!slot) return false;
  let returned = 0;
  for (const [location, { generation }] of Object.entries(locations)) {
    if (generation == null) continue;
    const environment = { project: requested.project, slot, location };
    const { rollout } = await readDeployment(dependencies, environment, generation);
    if (!rollout?.returned) return false;
    returned += 1;
  }
  return returned > 0;
}

async function lastGoodRelease(
  dependencies: PolicyDependencies,
  failed: ReadRelease,
  histories: readonly (readonly EnvironmentEvent[])[],
): Promise<ReadRelease | undefined> {
  for (const newestFirst of histories) {
    for (const event of newestFirst) {
      // What was taken away on purpose does not come back by itself.
      if (event.type === 'EnvironmentRemovalRequested') break;
      if (event.type !== 'DeploymentRequested' || event.data.release === failed.requested.release) continue;
      const { environment, generation, release } = event.data;
      const { outcome } = await readDeployment(dependencies, environment, generation);
      if (outcome === 'delivered' || outcome === 'healthy') return readRelease(dependencies, release);
    }
  }
  return undefined;
}

type Again =
  | { readonly trigger: 'rollback'; readonly failed: ReadRelease }
  | { readonly trigger: 'config-change'; readonly digest: string };

async function requestAgain(
  { send, now, store }: PolicyDependencies,
  policy: string,
  cause: RecordedEvent,
  { requested }: ReadRelease,
  why: Again,
): Promise<void> {
  const { project, ref, commit, source } = requested;
  const metadata = causedBy(cause, policy, requested.release, now());
  const commandId =
    why.trigger === 'config-change' ? derivedId(policy, requested.release, why.digest) : metadata.commandId;
  const release = derivedId('release', commandId);
  if ((await store.readStream(releaseStreamOf(release), { limit: 1 })).length > 0) return;
  await send({
    type: 'RequestRelease',
    data: {
      release,
      project,
      ref,
      commit,
      deliverable: null,
      trigger: why.trigger,
      reuses: requested.release,
      source: { ...source, via: 'policy', attributes: attributesOf(source.attributes, why) },
    },
    metadata: { ...metadata, commandId },
  });
}

/** Without why somebody went back to this release once; with the failure that it follows now, as long as there is room. */
function attributesOf(given: Readonly<Record<string, string>>, why: Again): Record<string, string> {
  const { [ROLLBACK_REASON]: _, [ROLLBACK_OF]: __, ...kept } = given;
  return why.trigger === 'rollback' && Object.keys(kept).length < MAX_ATTRIBUTES
    ? { ...kept, [ROLLBACK_OF]: why.failed.requested.release }
    : kept;
}
