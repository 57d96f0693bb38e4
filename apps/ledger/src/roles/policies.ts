import {
  type MigrateLocations,
  type Policy,
  type Send,
  concludeLocations,
  createWatchConfig,
  deployStages,
  evaluateReleases,
  migrateLocations,
  redeployOnConfigChange,
  removeBranch,
  resolveConfig,
  rollBack,
  runPolicy,
  scheduleWindows,
} from '@waybill/policies';
import type { Parts } from '../parts.js';
import { type AllPolicyDependencies, checkpointsOf, policyDependencies } from './policy-dependencies.js';
import { createFaultLog } from './fault-log.js';
import { keepRunning, pause } from './supervise.js';
import { runTimers } from './timers.js';

/** Failures in a row, some three seconds, after which the process is not ready. */
const FAILING_AFTER = 5;

/** Everything that follows from events by rule: each policy at its own pace, from its own checkpoint. */
export async function runPolicies(parts: Parts, send: Send, signal: AbortSignal): Promise<void> {
  const { log } = parts;
  const dependencies = policyDependencies(parts, send);
  const migrating = migrateLocations(dependencies);
  const watched = (stop: AbortSignal): Promise<void> => watchConfigRepositories(parts, dependencies, stop);
  await Promise.all([
    ...[...policiesOf(dependencies), migrating].map((policy) =>
      keepRunning(`the policy ${policy.name}`, (stop) => follow(parts, policy, stop), signal, log),
    ),
    keepRunning('the timers', (stop) => runTimers(parts, send, stop), signal, log),
    keepRunning('removals of migrations', (stop) => removeWhenDue(migrating, stop), signal, log),
    keepRunning('watching config repositories', watched, signal, log),
  ]);
}

/** One look at the config repositories now; resolves with the number of changes that were found. */
export function lookAtConfig(parts: Parts, send: Send, project: string): Promise<number> {
  return createWatchConfig(policyDependencies(parts, send))(project);
}

const policiesOf = (dependencies: AllPolicyDependencies): readonly Policy[] => [
  resolveConfig(dependencies),
  evaluateReleases(dependencies),
  scheduleWindows(dependencies),
  deployStages(dependencies),
  concludeLocations(dependencies),
  removeBranch(dependencies),
  rollBack(dependencies),
  redeployOnConfigChange(dependencies),
];

function follow(parts: Parts, policy: Policy, signal: AbortSignal): Promise<void> {
  const { store, metrics, log, readiness } = parts;
  const failing = `the policy ${policy.name}, which fails`;
  const tell = createFaultLog(log);
  return runPolicy(policy, {
    store,
    checkpoints: checkpointsOf(parts),
    signal,
    onProgress: (progress) => {
      metrics.policyProgress(progress);
      if (progress.failures === 0) {
        readiness.reached(failing);
        tell.recovered();
      }
      if (progress.failures === FAILING_AFTER) readiness.await(failing);
      if (progress.failures > 0) {
        tell(
          `the policy ${policy.name} failed at ${progress.position} (${progress.failures} in a row)`,
          progress.error,
        );
      }
    },
  });
}

/** Between two looks at migrations whose old environments go after a set time. Milliseconds. */
const REMOVAL_INTERVAL = 1_000;

async function removeWhenDue(migrating: MigrateLocations, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(REMOVAL_INTERVAL, signal);
    if (!signal.aborted) await migrating.due();
  }
}

async function watchConfigRepositories(
  { configuration }: Parts,
  dependencies: AllPolicyDependencies,
  signal: AbortSignal,
): Promise<void> {
  const look = createWatchConfig(dependencies);
  while (!signal.aborted) {
    await pause(configuration.configIntervalSeconds * 1000, signal);
    if (!signal.aborted) await look();
  }
}
