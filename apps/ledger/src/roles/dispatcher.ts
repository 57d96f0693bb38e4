import { type Policy, type Send, dispatchDesired, retireRemoved, runPolicy } from '@waybill/policies';
import type { Parts } from '../parts.js';
import { checkpointsOf, contentsOf } from './policy-dependencies.js';
import { keepRunning } from './supervise.js';

/** Publishes the desired state of each new generation to its location, and takes removed environments off again. */
export async function runDispatcher(parts: Parts, send: Send, signal: AbortSignal): Promise<void> {
  const { store, catalogue, recent, channel, now } = parts;
  const contents = contentsOf(parts);
  await Promise.all([
    follow(parts, dispatchDesired({ store, catalogue, recent, channel, contents, send, now }), signal),
    follow(parts, retireRemoved({ catalogue, channel }), signal),
  ]);
}

function follow(parts: Parts, policy: Policy, signal: AbortSignal): Promise<void> {
  const { store, metrics, log } = parts;
  const run = (stop: AbortSignal): Promise<void> =>
    runPolicy(policy, {
      store,
      checkpoints: checkpointsOf(parts),
      signal: stop,
      onProgress: (progress) => {
        metrics.policyProgress(progress);
        if (progress.error !== undefined) {
          const { line, position, failures, error } = progress;
          log.warn(`${policy.name} to ${line} at ${position} failed (${failures} in a row): ${String(error)}`);
        }
      },
    });
  return keepRunning(`the dispatcher's ${policy.name}`, run, signal, log);
}
