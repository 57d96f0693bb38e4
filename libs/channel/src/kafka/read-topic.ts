import { RetryableError, type WaybillError } from '@waybill/kernel';
import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { WithAdmin } from './client.js';
import { followTopic } from './follow-topic.js';
import { inWords, passes } from './faults.js';

interface ReadOptions {
  readonly kafka: Kafka;
  readonly withAdmin: WithAdmin;
  readonly topic: string;
  readonly groupPrefix: string;
  readonly signal: AbortSignal;
  /** May be called again for what it was given before, from the beginning. */
  readonly onMessage: (message: KafkaMessage) => void;
}

/** kafkajs does not wait itself for the coordinator of a group that is only just being loaded. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 100;

/**
 * Reads what stands in a topic of one partition, up to what was committed when this began. In a group of its own that
 * is gone afterwards: a reader that hangs must not hold up the next one.
 */
export async function readTopic(options: ReadOptions): Promise<void> {
  const { signal } = options;
  for (let attempt = 1; ; attempt++) {
    const fault = await readOnce(options);
    if (!fault) return;
    if (signal.aborted || attempt === ATTEMPTS || !passes(fault)) throw fault;
    await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
  }
}

async function readOnce(options: ReadOptions): Promise<WaybillError | undefined> {
  const { topic, signal, onMessage } = options;
  const done = new AbortController();
  let complete = false;
  const ended = await followTopic({
    ...options,
    groupId: `${options.groupPrefix}-${randomUUID()}`,
    signal: AbortSignal.any([signal, done.signal]),
    commit: false,
    consumer: { maxWaitTimeInMs: 50 },
    handle(message) {
      onMessage(message);
      return Promise.resolve();
    },
    onCaughtUp() {
      complete = true;
      done.abort();
    },
  });
  if (complete) return undefined;
  if (ended.by === 'itself') return new RetryableError('STORE_UNAVAILABLE', `Reading ${topic} was broken off`);
  return inWords(ended.error, `Topic ${topic} cannot be read`);
}
