import type { Parts } from '../parts.js';
import { keepRunning } from './supervise.js';

const CATCHING_UP = 'the views to catch up';

/** Half an hour: a log of millions of events is read in less. Milliseconds. */
const LONGEST_CATCH_UP = 30 * 60_000;

/** Keeps the views up with the log. While they cannot be written, the process is not ready. */
export async function runProjector({ views, store, log, readiness }: Parts, signal: AbortSignal): Promise<void> {
  const follow = async (stop: AbortSignal): Promise<void> => {
    const newest = await store.lastPosition();
    if (newest !== undefined) {
      readiness.await(CATCHING_UP);
      views.waitFor(newest, LONGEST_CATCH_UP, stop).then(
        () => readiness.reached(CATCHING_UP),
        () => undefined,
      );
    }
    await views.follow(store, stop);
  };
  await keepRunning('the projector', follow, signal, log);
}
