import { RetryableError } from '@waybill/kernel';
import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import type { WithAdmin } from './client.js';
import { followTopic } from './follow-topic.js';
import { inWords } from './faults.js';

/**
 * Reads what stands in a topic of one partition, up to what was committed when this began. In a group of its own that
 * is gone afterwards: a reader that hangs must not hold up the next one.
 */
export async function readTopic(options: {
  readonly kafka: Kafka;
  readonly withAdmin: WithAdmin;
  readonly topic: string;
  readonly groupPrefix: string;
  readonly signal: AbortSignal;
  readonly onMessage: (message: KafkaMessage) => void;
}): Promise<void> {
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
  if (complete) return;
  if (ended.by === 'itself') throw new RetryableError('STORE_UNAVAILABLE', `Reading ${topic} was broken off`);
  throw inWords(ended.error, `Topic ${topic} cannot be read`);
}
