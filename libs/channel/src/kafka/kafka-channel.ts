import { RetryableError, WaybillError } from '@waybill/kernel';
import type { KafkaMessage } from 'kafkajs';
import type { Channel } from '../channel.js';
import { locationOf } from '../report.js';
import type { KafkaAddress } from './address.js';
import { CONSUMER_RETRY, type ChannelLog, adminOf, createKafka } from './client.js';
import { createDeadLetters } from './dead-letters.js';
import { type DeadLetterReason, encode } from './decode.js';
import { consumeDesired } from './desired-consumer.js';
import { type DesiredWriter, createDesiredWriter } from './desired-writer.js';
import { lackingOf } from './lacking.js';
import { readTopic } from './read-topic.js';
import { consumeReports } from './report-consumer.js';
import { retryRecord } from './retry.js';
import { type Sender, createSender } from './sender.js';
import { type TopicKind, createTopics, namesWith } from './topics.js';

/** What is counted. */
export interface ChannelObserver {
  sent(kind: 'desired' | 'reports', records: number): void;
  received(kind: 'desired' | 'reports', records: number): void;
  deadLetter(reason: DeadLetterReason): void;
  /** Reports of a location that wait to be recorded. */
  lag(location: string, records: number): void;
}

export interface KafkaChannelOptions {
  readonly address: KafkaAddress;
  readonly log: ChannelLog;
  /** Told to the broker, which names it in its logs and quotas. */
  readonly clientId?: string;
  /** Ledger side: the locations whose reports are consumed. Asked again every `locationsIntervalMs`. */
  readonly locations?: () => Promise<readonly string[]>;
  readonly locationsIntervalMs?: number;
  readonly observe?: Partial<ChannelObserver>;
}

/**
 * The channel over Kafka. Topics are created, or checked, when they are first used; a broker that does not answer is
 * waited for. Each location has one writer at a time, fenced by its transactional id, and one operator that reads.
 */
export function createKafkaChannel(options: KafkaChannelOptions): Channel {
  const { address, log, observe = {}, locations = () => Promise.resolve([]), locationsIntervalMs = 5_000 } = options;
  const { clientId = 'waybill' } = options;
  const kafka = createKafka(address, clientId, log);
  // Consumers take their patience from the client: what they are given of their own counts for some requests only.
  const consumers = createKafka(address, clientId, log, CONSUMER_RETRY);
  const withAdmin = adminOf(kafka);
  const topics = createTopics(withAdmin, address);
  const names = namesWith(address.prefix);
  const closing = new AbortController();
  const { signal } = closing;
  const writers = new Map<string, DesiredWriter>();
  const senders = new Map<string, Sender>();
  const consumed = new Map<string, Promise<void>>();

  const read = (topic: string, onMessage: (message: KafkaMessage) => void): Promise<void> =>
    readTopic({ kafka, withAdmin, topic, groupPrefix: `${address.prefix}waybill-reader`, signal, onMessage });

  function senderTo(topic: string, kind: TopicKind): Sender {
    if (signal.aborted) throw closedError();
    let sender = senders.get(topic);
    if (!sender) {
      const onSent = (records: number): void => {
        if (kind === 'reports') observe.sent?.('reports', records);
      };
      sender = createSender({ kafka, topic, ensure: () => topics.ensure(topic, kind), log, signal, onSent });
      senders.set(topic, sender);
    }
    return sender;
  }

  function writerOf(location: string): DesiredWriter {
    if (signal.aborted) throw closedError();
    let writer = writers.get(location);
    if (!writer) {
      const topic = names.desired(location);
      writer = createDesiredWriter({
        kafka,
        location,
        topic,
        transactionalId: names.transactionalId(location),
        ensure: () => topics.ensure(topic, 'desired'),
        read: (onMessage) => read(topic, onMessage),
        onSent: (records) => observe.sent?.('desired', records),
      });
      writers.set(location, writer);
    }
    return writer;
  }

  const deadLetters = createDeadLetters({
    sender: () => senderTo(names.deadLetters, 'dead letters'),
    async read(onMessage) {
      await topics.ensure(names.deadLetters, 'dead letters');
      await read(names.deadLetters, onMessage);
    },
    onAdded: (reason) => observe.deadLetter?.(reason),
  });

  /** One consumer of each kind in a channel: a second one would take records from the first. */
  async function alone(name: string, refusal: string, consume: () => Promise<void>): Promise<void> {
    if (consumed.has(name)) {
      throw new WaybillError('INVALID_STATE', refusal, { hint: 'Stop the other one first.' });
    }
    const running = consume();
    consumed.set(name, running);
    try {
      await running;
    } finally {
      consumed.delete(name);
    }
  }

  return {
    async publish(record, { again = false } = {}) {
      await writerOf(record.environment.location).publish(record, again);
    },
    async retire(environment, generation) {
      await writerOf(environment.location).retire(environment, generation);
    },

    async lacking(location, generations) {
      const topic = names.desired(location);
      await topics.ensure(topic, 'desired');
      return lackingOf(generations, (onMessage) => read(topic, onMessage));
    },

    async consumeDesired(location, handlers, stop) {
      if (signal.aborted || stop.aborted) return;
      const topic = names.desired(location);
      await alone(topic, `Location ${location} already has an operator on this channel`, () =>
        consumeDesired(
          {
            kafka: consumers,
            withAdmin,
            location,
            topic,
            groupId: names.operatorGroup(location),
            ensure: () => topics.ensure(topic, 'desired'),
            deadLetters,
            log,
            onReceived: (records) => observe.received?.('desired', records),
          },
          handlers,
          AbortSignal.any([signal, stop]),
        ),
      );
    },

    async report(report) {
      const location = locationOf(report);
      await senderTo(names.reports(location), 'reports').send({ key: location, value: encode(report) });
    },

    async consumeReports(handle, stop) {
      if (signal.aborted || stop.aborted) return;
      await alone(names.ledgerGroup, 'The reports of this channel already have a consumer', () =>
        consumeReports(
          {
            kafka: consumers,
            groupId: names.ledgerGroup,
            locations,
            locationsIntervalMs,
            topicOf: names.reports,
            ensure: (topic) => topics.ensure(topic, 'reports'),
            deadLetters,
            log,
            onReceived: (records) => observe.received?.('reports', records),
            onLag: (location, records) => observe.lag?.(location, records),
          },
          handle,
          AbortSignal.any([signal, stop]),
        ),
      );
    },

    deadLetters: async () => (await deadLetters.list()).map(({ letter }) => letter),
    retryDeadLetter: (id) => retryRecord(id, { deadLetters, names, writerOf, senderTo }),

    async close() {
      closing.abort();
      await Promise.allSettled(consumed.values());
      const parts = [...writers.values(), ...senders.values()];
      await Promise.all(parts.map((part) => part.close(closedError())));
    },
  };
}

function closedError(): RetryableError {
  return new RetryableError('STORE_UNAVAILABLE', 'The channel is closed', {
    hint: 'Send again when the channel is open: records may be repeated.',
  });
}
