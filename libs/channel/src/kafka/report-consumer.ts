import type { Kafka, KafkaMessage } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReportsHandler } from '../channel.js';
import type { Report } from '../report.js';
import type { ChannelLog } from './client.js';
import type { DeadLetters } from './dead-letters.js';
import { type Poison, readReport } from './decode.js';
import { inWords, passes } from './faults.js';
import { asHandlerFault } from './follow-topic.js';
import { keepingAlive, runSession } from './session.js';

export interface ReportConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** Locations whose reports are read; asked again and again. */
  readonly locations: () => Promise<readonly string[]>;
  readonly locationsIntervalMs: number;
  readonly topicOf: (location: string) => string;
  readonly ensure: (topic: string) => Promise<void>;
  readonly deadLetters: DeadLetters;
  readonly log: ChannelLog;
  readonly onReceived: (records: number) => void;
  /** Records of a location that wait. */
  readonly onLag: (location: string, records: number) => void;
}

/** Reports that are handed over together, at most. */
const MOST_AT_ONCE = 100;

/** Locations whose reports are recorded beside each other. */
const BESIDE = 8;

/** First pause after a failure and the longest one. Milliseconds. */
const BACKOFF = { first: 200, longest: 10_000 };

/** A session that lasted this long has recovered: the next pause is short again. Milliseconds. */
const RECOVERED = 60_000;

/**
 * Reads the reports of every location until the signal aborts. What cannot be read is put aside; what cannot be handled
 * stops everything with the handler's error, and is given again to the next consumer. A location that is new is taken in
 * by starting anew: a consumer of kafkajs cannot be given more topics while it runs.
 */
export async function consumeReports(
  options: ReportConsumerOptions,
  handle: ReportsHandler,
  signal: AbortSignal,
): Promise<void> {
  const { log, locationsIntervalMs } = options;
  const refused = new Map<string, string>();
  for (let failures = 0; !signal.aborted;) {
    const began = performance.now();
    try {
      const topics = await usable(options, refused);
      if (topics.size === 0) await pause(locationsIntervalMs, signal);
      else await readThese(topics, options, handle, refused, signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Interrupted)) throw error;
      failures = performance.now() - began > RECOVERED ? 1 : failures + 1;
      const fault = inWords(error.cause, 'Reports cannot be read');
      if (!passes(fault)) throw fault;
      log.warn(`${fault.message} (${failures} in a row); trying again`);
      await pause(Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.longest), signal);
    }
  }
}

/** A fault on Kafka's side, which is the cause. */
class Interrupted extends Error {
  constructor(cause: unknown) {
    super('interrupted', { cause });
  }
}

/** Topic → location. A location whose topic is set up wrongly keeps nobody else waiting; it is told of once. */
async function usable(
  { locations, topicOf, ensure, log }: ReportConsumerOptions,
  refused: Map<string, string>,
): Promise<Map<string, string>> {
  const topics = new Map<string, string>();
  for (const location of [...(await locations())].sort()) {
    const topic = topicOf(location);
    try {
      await ensure(topic);
      topics.set(topic, location);
      refused.delete(location);
    } catch (error) {
      if (passes(error)) throw new Interrupted(error);
      const { message } = error as Error;
      if (refused.get(location) !== message) log.error(`reports of ${location} are not read: ${message}`);
      refused.set(location, message);
    }
  }
  return topics;
}

/** Until the set of locations changes, the signal aborts, or something fails. */
async function readThese(
  topics: ReadonlyMap<string, string>,
  options: ReportConsumerOptions,
  handle: ReportsHandler,
  refused: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { kafka, groupId, deadLetters, onReceived, onLag, log } = options;
  const changed = new AbortController();
  const watching = watch(options, [...topics.values(), ...refused.keys()], changed);
  try {
    const ended = await runSession({
      kafka,
      groupId,
      topics: [...topics.keys()],
      signal: AbortSignal.any([signal, changed.signal]),
      concurrency: BESIDE,
      onSkipped: (topic) => onLag(topics.get(topic)!, 0),
      async eachBatch({ batch, heartbeat, resolveOffset, isRunning, isStale, commitOffsetsIfNecessary }, session) {
        const { topic, partition, messages } = batch;
        const location = topics.get(topic)!;
        let next: bigint | undefined;
        try {
          for (let from = 0; from < messages.length; from += MOST_AT_ONCE) {
            if (session.over || !isRunning() || isStale()) return;
            const chunk = messages.slice(from, from + MOST_AT_ONCE);
            await keepingAlive(heartbeat, () => take(chunk));
            const isLast = from + MOST_AT_ONCE >= messages.length;
            resolveOffset(chunk.at(-1)!.offset);
            next = BigInt(isLast ? batch.lastOffset() : chunk.at(-1)!.offset) + 1n;
            onLag(location, Number(BigInt(batch.highWatermark) - next));
          }
        } finally {
          // Also when the handler failed behind it: what was recorded is not to be given again for nothing.
          if (next !== undefined) {
            const partitions = [{ partition, offset: String(next) }];
            await session.commit(() => commitOffsetsIfNecessary({ topics: [{ topic, partitions }] }));
          }
        }

        async function take(chunk: readonly KafkaMessage[]): Promise<void> {
          const messages = new Map<Report, KafkaMessage>();
          for (const message of chunk) {
            const read = readReport(message, location);
            if ('value' in read) messages.set(read.value, message);
            else await putAside(message, read.poison);
          }
          onReceived(chunk.length);
          if (messages.size === 0) return;
          const refused = await handle([...messages.keys()]).catch(asHandlerFault);
          for (const { report, problem } of refused ?? []) {
            await putAside(messages.get(report)!, { reason: 'invalid', message: problem });
          }
        }

        async function putAside(message: KafkaMessage, poison: Poison): Promise<void> {
          log.warn(`a record of ${topic} at offset ${message.offset} is put aside: ${poison.message}`);
          await deadLetters.add({ topic, partition }, message, poison);
        }
      },
    });
    if (ended.by === 'handler') throw ended.error;
    if (ended.by === 'kafka') throw new Interrupted(ended.error);
  } finally {
    changed.abort();
    await watching;
  }
}

/** Aborts `changed` once the locations are others than those that are read; ends when it is aborted. */
async function watch(
  { locations, locationsIntervalMs, log }: ReportConsumerOptions,
  read: readonly string[],
  changed: AbortController,
): Promise<void> {
  const before = [...read].sort().join();
  while (!changed.signal.aborted) {
    await pause(locationsIntervalMs, changed.signal);
    if (changed.signal.aborted) return;
    try {
      if ([...(await locations())].sort().join() !== before) changed.abort();
    } catch (error) {
      log.warn(`which locations there are is not known: ${String(error)}`);
    }
  }
}

/** Waits, or returns early when the signal aborts. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
