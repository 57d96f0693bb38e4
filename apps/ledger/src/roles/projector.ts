import type { Parts } from '../parts.js';
import { keepRunning } from './supervise.js';

/** Keeps the views up with the log. */
export async function runProjector({ views, store, log, readiness }: Parts, signal: AbortSignal): Promise<void> {
  const newest = await store.lastPosition();
  if (newest !== undefined) {
    readiness.await('the views to catch up');
    // Half an hour: a log of millions of events is read in less.
    views.waitFor(newest, 30 * 60_000, signal).then(
      () => readiness.reached('the views to catch up'),
      () => undefined,
    );
  }
  await keepRunning('the projector', (stop) => views.follow(store, stop), signal, log);
}
