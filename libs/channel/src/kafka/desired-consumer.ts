import type { Kafka, KafkaMessage } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { DesiredHandlers } from '../channel.js';
import { type DesiredRecord, compareRecords } from '../desired-state.js';
import type { ChannelLog, WithAdmin } from './client.js';
import type { DeadLetters } from './dead-letters.js';
import { outlineOf, readDesired } from './decode.js';
import { inWords, passes } from './faults.js';
import { followTopic } from './follow-topic.js';
import { oldestFirst } from './oldest-first.js';

export interface DesiredConsumerOptions {
  readonly kafka: Kafka;
  readonly withAdmin: WithAdmin;
  readonly location: string;
  readonly topic: string;
  readonly groupId: string;
  readonly ensure: () => Promise<void>;
  readonly deadLetters: DeadLetters;
  readonly log: ChannelLog;
  readonly onReceived: (records: number) => void;
}

/** First pause after a failure and the longest one. Milliseconds. */
const BACKOFF = { first: 200, longest: 10_000 };

/** A session that lasted this long has recovered: the next pause is short again. Milliseconds. */
const RECOVERED = 60_000;

/**
 * Gives the desired state of a location until the signal aborts or a handler fails. Faults of Kafka are waited out. A
 * record that was given is not given again unless it was written again, nor is an older one after it, whatever is read
 * anew in between.
 */
export async function consumeDesired(
  options: DesiredConsumerOptions,
  handlers: DesiredHandlers,
  signal: AbortSignal,
): Promise<void> {
  const { location, log } = options;
  const since = Date.now();
  /** Where the group had got to before: what was put aside then is not put aside once more. */
  const before = { offset: 0n };
  const handle = handling(options, handlers, before);
  let caughtUp = false;
  for (let failures = 0; !signal.aborted;) {
    const began = performance.now();
    const fault = await follow();
    if (!fault || signal.aborted) return;
    if (!passes(fault)) throw fault;
    failures = performance.now() - began > RECOVERED ? 1 : failures + 1;
    log.warn(`${fault.message} (${failures} in a row); trying again`);
    const wait = Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.longest);
    await delay(wait, undefined, { signal }).catch(() => undefined);
  }

  async function follow() {
    try {
      await options.ensure();
      before.offset = await committed(options);
    } catch (error) {
      return inWords(error, `Location ${location} cannot be read`);
    }
    const ended = await followTopic({
      ...options,
      commit: true,
      signal,
      consumer: { partitionAssigners: [oldestFirst(since)] },
      handle,
      onCaughtUp() {
        if (caughtUp) return handlers.onReadAnew?.();
        caughtUp = true;
        handlers.onCaughtUp?.();
      },
    });
    if (ended.by === 'handler') throw ended.error;
    return ended.by === 'kafka' ? inWords(ended.error, `Location ${location} cannot be read`) : undefined;
  }
}

async function committed({ withAdmin, groupId, topic }: DesiredConsumerOptions): Promise<bigint> {
  const [found] = await withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  const offset = found?.partitions.find(({ partition }) => partition === 0)?.offset ?? '-1';
  return BigInt(offset);
}

/** Where a record stood when it was given. */
interface Place {
  readonly offset: bigint;
  /** Milliseconds, as the record carries it. */
  readonly at: bigint;
}

const placeOf = ({ offset, timestamp }: KafkaMessage): Place => ({ offset: BigInt(offset), at: BigInt(timestamp) });

/** In a topic that was deleted and created again offsets begin anew, and what is written there was written later. */
function isBehind(message: KafkaMessage, last: Place): boolean {
  const { offset, at } = placeOf(message);
  return offset > last.offset || at > last.at;
}

/** A function that hands a record over unless this one, or a newer one of its environment, was handed over before. */
function handling(
  { location, topic, deadLetters, log, onReceived }: DesiredConsumerOptions,
  handlers: DesiredHandlers,
  before: { readonly offset: bigint },
): (message: KafkaMessage) => Promise<void> {
  const given = new Map<string, Pick<DesiredRecord, 'generation' | 'directive'> & Place>();
  const aside = new Set<string>();

  return async (message) => {
    const key = message.key?.toString() ?? '';
    onReceived(1);
    if (message.value === null) {
      const last = given.get(key);
      if (last && !isBehind(message, last)) return;
      given.set(key, { generation: 0, directive: null, ...last, ...placeOf(message) });
      await handlers.retired?.(key);
      return;
    }
    const read = readDesired(message, location);
    if ('poison' in read) {
      // Read again after every rejoin, as it stands there until something newer does.
      if (aside.has(message.offset)) return;
      log.warn(`a record of ${topic} at offset ${message.offset} is put aside: ${read.poison.message}`);
      if (BigInt(message.offset) >= before.offset) {
        await deadLetters.add({ topic, partition: 0 }, message, read.poison);
      }
      aside.add(message.offset);
      const outline = outlineOf(message.value);
      if (outline && outline.environment.location === location) {
        const { environment, generation, release } = outline;
        await handlers.unreadable?.({ environment, generation, release }, read.poison.message);
      }
      return;
    }
    const { value: record } = read;
    const last = given.get(key);
    const news = last ? compareRecords(record, last) : 1;
    if (last && (news < 0 || (news === 0 && !isBehind(message, last)))) return;
    const { generation, directive } = record;
    given.set(key, { generation, directive, ...placeOf(message) });
    await handlers.handle(record);
  };
}
