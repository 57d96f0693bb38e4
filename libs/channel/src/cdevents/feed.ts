import type { EventCatalogue, EventStore, Position, RecordedEvent } from '@waybill/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import { type FeedHistory, createFeedHistory, sourceOf } from './facts.js';
import { type FeedRecord, kafkaRecord } from './kafka-record.js';
import { tell } from './map.js';
import type { FeedEvent } from './schema.js';

/** Where the feed goes. */
export interface FeedPublisher {
  /** Resolves when all records are durable, in their order; rejects when it is not known whether they are. */
  send(records: readonly FeedRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface FeedOptions {
  readonly store: Pick<EventStore, 'ledgerId' | 'readStream' | 'subscribe'>;
  readonly catalogue: EventCatalogue;
  readonly publisher: Pick<FeedPublisher, 'send'>;
  /** Where the feed has read to. Losing it costs publishing again, under the same ids. */
  readonly checkpoints: {
    load(name: string): Promise<Position | undefined>;
    save(name: string, position: Position): Promise<void>;
  };
  /** Called at the start, after each acknowledged batch and each failed attempt: for metrics and logs. */
  readonly onProgress?: (progress: FeedProgress) => void;
}

export interface FeedProgress {
  readonly position: Position;
  /** Records acknowledged just now. */
  readonly published: number;
  /** How often in a row the batch at hand was not taken; 0 when all is well. */
  readonly failures: number;
  readonly error?: unknown;
}

/** Name of the checkpoint; never changes. */
const FEED = 'cdevents-feed';

/** First pause after a failure and the longest one. Milliseconds. */
const BACKOFF = { first: 200, longest: 30_000 };

/** Events that nothing is told of are read again after a restart, this many at most, instead of being remembered each. */
const PASSED_AT_MOST = 1000;

/**
 * Publishes the feed from its checkpoint until `signal` aborts: in log order, each event at least once, the same event
 * always under the same id. What cannot be published is tried again with backoff; nothing is skipped or overtaken.
 */
export async function runFeed(options: FeedOptions, signal: AbortSignal): Promise<void> {
  const { store, checkpoints, onProgress } = options;
  const history = createFeedHistory(options);
  const after = await checkpoints.load(FEED);
  let passed = 0;
  onProgress?.({ position: after ?? '0', published: 0, failures: 0 });
  for await (const batch of store.subscribe({ after, signal })) {
    const { position } = batch.at(-1)!;
    const records: FeedRecord[] = [];
    for (const recorded of batch) records.push(...(await feedOf(recorded, options, history)).map(kafkaRecord));
    if (!(await sendUntilTaken(records, position, options, signal))) return;
    passed += batch.length;
    if (records.length > 0 || passed >= PASSED_AT_MOST) {
      await checkpoints.save(FEED, position);
      passed = 0;
    }
    onProgress?.({ position, published: records.length, failures: 0 });
  }
}

/** What the feed tells of one event of the log. */
export async function feedOf(
  recorded: RecordedEvent,
  { store, catalogue }: Pick<FeedOptions, 'catalogue'> & { readonly store: Pick<EventStore, 'ledgerId'> },
  history: FeedHistory,
): Promise<readonly FeedEvent[]> {
  const source = sourceOf(store.ledgerId);
  const told = await tellFrom(recorded, undefined);
  if (told.length === 0) return told;
  const from = await nearest(recorded, told[0]!.customData.location);
  return from === undefined ? told : tellFrom(recorded, from);

  async function tellFrom(event: RecordedEvent, cause: string | undefined): Promise<readonly FeedEvent[]> {
    return tell(event, catalogue.upcast(event), await history.factsOf(event), source, cause);
  }

  /** The feed's event of the cause, or of the cause of that when nothing is told of it. */
  async function nearest(event: RecordedEvent, location: string | undefined): Promise<string | undefined> {
    const cause = await history.causeOf(event);
    if (!cause) return undefined;
    const before = await tellFrom(cause, undefined);
    const same = before.find(({ customData }) => location !== undefined && customData.location === location);
    const last = same ?? before.at(-1);
    return last ? last.context.id : nearest(cause, location);
  }
}

/** False when the signal aborted before the records were taken. */
async function sendUntilTaken(
  records: readonly FeedRecord[],
  position: Position,
  { publisher, onProgress }: FeedOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (records.length === 0) return !signal.aborted;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await publisher.send(records);
      return true;
    } catch (error) {
      onProgress?.({ position, published: 0, failures, error });
      await pause(Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.longest), signal);
    }
  }
  return false;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
