import { dispatchDesired, runPolicy } from '@waybill/policies';
import type { Parts } from '../parts.js';
import { checkpointsOf, contentsOf } from './policy-dependencies.js';
import { keepRunning } from './supervise.js';

/** Publishes the desired state of each new generation to its location. */
export async function runDispatcher(parts: Parts, signal: AbortSignal): Promise<void> {
  const { store, catalogue, channel, metrics, log } = parts;
  const policy = dispatchDesired({ store, catalogue, channel, contents: contentsOf(parts) });
  const run = (stop: AbortSignal): Promise<void> =>
    runPolicy(policy, {
      store,
      checkpoints: checkpointsOf(parts),
      signal: stop,
      onProgress: (progress) => {
        metrics.policyProgress(progress);
        if (progress.failures > 0) log.warn(`dispatching at ${progress.position} failed: ${String(progress.error)}`);
      },
    });
  await keepRunning('the dispatcher', run, signal, log);
}
