import { RetryableError, isWaybillError } from '@waybill/kernel';
import type { Kafka, Message, Producer } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChannelLog, connectProducer } from './client.js';
import { inWords, passes } from './faults.js';
import { createOutbox } from './outbox.js';

export interface Sender {
  /** Resolves when the broker has the message on as many replicas as it demands. */
  send(message: Message): Promise<void>;
  close(fault: Error): Promise<void>;
}

/** First pause after a failure and the longest one. Milliseconds. */
const BACKOFF = { first: 200, longest: 10_000 };

/**
 * Sends to one topic in order, and tries again for as long as it takes. A repetition after a fault may stand there
 * twice: readers drop what they have seen.
 */
export function createSender(options: {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly ensure: () => Promise<void>;
  readonly log: ChannelLog;
  readonly signal: AbortSignal;
  readonly onSent?: (records: number) => void;
}): Sender {
  const { kafka, topic, log, signal } = options;
  let open: Producer | undefined;

  async function connected(): Promise<Producer> {
    await options.ensure();
    return connectProducer(kafka);
  }

  async function once(messages: Message[]): Promise<void> {
    try {
      open ??= await connected();
      await open.send({ topic, acks: -1, messages });
    } catch (error) {
      // The next attempt gets a producer id of its own: kafkajs would go on with a sequence number that the broker may
      // have seen, and the broker would take the next records for repetitions of these.
      const failed = open;
      open = undefined;
      await failed?.disconnect().catch(() => undefined);
      throw inWords(error, `Topic ${topic} cannot be written to`);
    }
  }

  const outbox = createOutbox<Message, void>({
    bytes: ({ value }) => value?.length ?? 0,
    async send(messages) {
      for (let failures = 1; ; failures++) {
        try {
          await once([...messages]);
          options.onSent?.(messages.length);
          return messages.map(() => undefined);
        } catch (error) {
          if (signal.aborted || !passes(error)) throw error;
          log.warn(`${isWaybillError(error) ? error.message : String(error)} (${failures} in a row); trying again`);
          await delay(Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.longest), undefined, { signal }).catch(
            () => undefined,
          );
          if (signal.aborted) throw new RetryableError('STORE_UNAVAILABLE', 'The channel was closed', { cause: error });
        }
      }
    },
  });

  return {
    send: (message) => outbox.add(message),
    async close(fault) {
      await outbox.close(fault);
      await open?.disconnect().catch(() => undefined);
      open = undefined;
    },
  };
}
