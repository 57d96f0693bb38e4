import {
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

/** A failed release whose rule says so is followed by a release of what ran before, with its intent as it stood. */
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
      const good = await lastGoodRelease(dependencies, failed);
      if (good) await requestAgain(dependencies, name, recorded, good, 'rollback');
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
        await requestAgain(dependencies, name, recorded, release, 'config-change', digest);
      }
    },
  };
}

async function ruleOf({ store }: PolicyDependencies, { requested }: ReadRelease): Promise<BranchRule | undefined> {
  const inForce = rulesInForce(await store.readStream(projectStreamOf(requested.project)));
  return inForce ? matchRef(compileRules(inForce.rules), requested.ref)?.rule : undefined;
}

async function lastGoodRelease(
  dependencies: PolicyDependencies,
  failed: ReadRelease,
): Promise<ReadRelease | undefined> {
  const { project } = failed.requested;
  const { slot } = failed.state;
  if (!slot) return undefined;
  for (const location of Object.keys(failed.state.locations)) {
    const environment = { project, slot, location };
    const newestFirst = await dependencies.store.readStream(environmentStreamOf(environment), {
      direction: 'backwards',
    });
    for (const recorded of newestFirst) {
      const event = dependencies.catalogue.upcast<EnvironmentEvent>(recorded);
      if (event.type !== 'DeploymentRequested' || event.data.release === failed.requested.release) continue;
      const { outcome } = await readDeployment(dependencies, environment, event.data.generation);
      if (outcome === 'delivered' || outcome === 'healthy') return readRelease(dependencies, event.data.release);
    }
  }
  return undefined;
}

async function requestAgain(
  { send, now, store }: PolicyDependencies,
  policy: string,
  cause: RecordedEvent,
  { requested }: ReadRelease,
  trigger: 'rollback' | 'config-change',
  digest = '',
): Promise<void> {
  const { project, ref, commit } = requested;
  const metadata = causedBy(cause, policy, requested.release, now());
  const commandId = trigger === 'config-change' ? derivedId(policy, requested.release, digest) : metadata.commandId;
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
      trigger,
      reuses: requested.release,
      source: { ...requested.source, via: 'policy' },
    },
    metadata: { ...metadata, commandId },
  });
}
