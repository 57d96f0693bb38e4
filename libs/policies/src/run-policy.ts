import type { EventStore } from '@waybill/kernel';
import type { Checkpoints, Policy } from './policy.js';
import { PASSED_AT_MOST, runInLines } from './run-in-lines.js';
import { reactUntilDone } from './until-done.js';

export interface RunOptions {
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly signal: AbortSignal;
  /** Called after each batch and each failed attempt: for metrics and logs. */
  readonly onProgress?: (progress: PolicyProgress) => void;
}

export interface PolicyProgress {
  readonly policy: string;
  readonly position: string;
  /** How often the event at hand has failed in a row; 0 when all is well. Of several lines, that of the worst one. */
  readonly failures: number;
  /** The line that failed, of a policy that has several. */
  readonly line?: string;
  readonly error?: unknown;
}

/**
 * Feeds a policy from its checkpoint until `signal` aborts. An event that fails is tried again with backoff, visibly;
 * it is never skipped, and later events wait for it: all of them, or those of its line.
 */
export async function runPolicy(policy: Policy, options: RunOptions): Promise<void> {
  if (policy.line) return runInLines(policy, policy.line.bind(policy), options);
  const { store, checkpoints, signal, onProgress } = options;
  const after = await checkpoints.load(policy.name);
  let passed = 0;
  for await (const batch of store.subscribe({ after, signal })) {
    const handled = batch.filter((event) => policy.handles.has(event.type));
    for (const event of handled) {
      await reactUntilDone(policy, event, signal, (failures, error) => {
        onProgress?.({ policy: policy.name, position: event.position, failures, error });
      });
      if (signal.aborted) return;
    }
    const { position } = batch.at(-1)!;
    passed += batch.length;
    if (handled.length > 0 || passed >= PASSED_AT_MOST) {
      await checkpoints.save(policy.name, position);
      passed = 0;
    }
    onProgress?.({ policy: policy.name, position, failures: 0 });
  }
}
