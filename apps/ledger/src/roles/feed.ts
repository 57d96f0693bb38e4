import { type FeedProgress, runFeed } from '@waybill/channel';
import type { Parts } from '../parts.js';
import { checkpointsOf } from './policy-dependencies.js';
import { keepRunning } from './supervise.js';

/** Publishes what the log records as CDEvents. Has nothing to do where there is no Kafka to publish to. */
export async function runCdEventsFeed(parts: Parts, signal: AbortSignal): Promise<void> {
  const { store, catalogue, feed, metrics, log } = parts;
  if (!feed) return;
  const run = (stop: AbortSignal): Promise<void> =>
    runFeed({ store, catalogue, publisher: feed, checkpoints: checkpointsOf(parts), onProgress: tell }, stop);
  await keepRunning('the feed of CDEvents', run, signal, log);

  function tell(progress: FeedProgress): void {
    metrics.feed(progress);
    if (progress.failures === 0) return;
    const { message } = progress.error as Error;
    log.warn(`the feed of CDEvents could not be published (${progress.failures} in a row): ${message}`);
  }
}
