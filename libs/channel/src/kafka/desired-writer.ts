import { type EnvironmentId, environmentName } from '@waybill/domain';
import { RetryableError } from '@waybill/kernel';
import type { Kafka, Message, Producer } from 'kafkajs';
import type { DesiredRecord } from '../desired-state.js';
import { BATCH, connectProducer } from './client.js';
import { encode, outlineOf } from './decode.js';
import { inWords, isFenced } from './faults.js';
import { createOutbox } from './outbox.js';

/** The one writer of a location's desired state. */
export interface DesiredWriter {
  /** Tells whether it was sent. `again`: also when the retained record is of this very generation and directive. */
  publish(record: DesiredRecord, again: boolean): Promise<boolean>;
  /** Lets the key go, unless something newer than `generation` stands under it. */
  retire(environment: EnvironmentId, generation: number): Promise<boolean>;
  close(fault: Error): Promise<void>;
}

/** On a tombstone: the generation it retired, which fences off what is sent late. */
export const GENERATION_HEADER = 'waybill-generation';

/** A producer that died in a transaction holds back readers of committed records for this long at most. Milliseconds. */
const TRANSACTION_TIMEOUT = 10_000;

/** Most of one transaction: beginning and ending one costs as much as some requests. */
const TRANSACTION = { records: 10 * BATCH.records, bytes: 10 * BATCH.bytes };

interface Standing {
  readonly generation: number;
  /** Of the newest directive, 0 without one. */
  readonly seq: number;
  readonly retired: boolean;
}

interface Sending {
  readonly key: string;
  readonly generation: number;
  readonly seq: number;
  /** Null: a tombstone. */
  readonly value: Buffer | null;
  readonly again: boolean;
}

interface Tenure {
  readonly producer: Producer;
  readonly standing: Map<string, Standing>;
}

/**
 * Takes a location over before it writes to it: starting a producer with the location's transactional id ends the
 * transaction of the writer before and fences that one off (KIP-98), so that from then on nobody else adds to the topic;
 * then it reads the topic to its end. What stands there already is not sent again. Whatever fails ends the tenure: what
 * became of the last transaction is found by reading the topic anew.
 */
export function createDesiredWriter(options: {
  readonly kafka: Kafka;
  readonly location: string;
  readonly topic: string;
  readonly transactionalId: string;
  /** Creates or checks the topic. */
  readonly ensure: () => Promise<void>;
  /** Every record of the topic so far. */
  readonly read: (onMessage: (message: Pick<Message, 'key' | 'value' | 'headers'>) => void) => Promise<void>;
  readonly onSent: (records: number) => void;
}): DesiredWriter {
  const { kafka, location, topic, transactionalId } = options;
  let tenure: Tenure | undefined;

  async function takeOver(): Promise<Tenure> {
    await options.ensure();
    const producer = await connectProducer(kafka, { transactionalId, transactionTimeout: TRANSACTION_TIMEOUT });
    try {
      await (await producer.transaction()).abort();
      const standing = new Map<string, Standing>();
      await options.read(({ key, value, headers }) => {
        if (key) standing.set(key.toString(), standingOf(value as Buffer | null, headers?.[GENERATION_HEADER]));
      });
      return { producer, standing };
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  async function send(items: readonly Sending[]): Promise<boolean[]> {
    try {
      tenure ??= await takeOver();
      const { producer, standing } = tenure;
      const news = new Map<string, Standing>();
      const messages: Message[] = [];
      const sent: boolean[] = [];
      for (const { key, generation, seq, value, again } of items) {
        const isSent = isNews({ generation, seq, value, again }, news.get(key) ?? standing.get(key));
        sent.push(isSent);
        if (!isSent) continue;
        news.set(key, { generation, seq, retired: value === null });
        messages.push({ key, value, ...(value ? {} : { headers: { [GENERATION_HEADER]: String(generation) } }) });
      }
      if (messages.length === 0) return sent;
      const transaction = await producer.transaction();
      for (const request of requestsOf(messages)) await transaction.send({ topic, acks: -1, messages: request });
      await transaction.commit();
      for (const [key, now] of news) standing.set(key, now);
      options.onSent(messages.length);
      return sent;
    } catch (error) {
      const ended = tenure;
      tenure = undefined;
      // Not aborted: whoever takes over does that, and a writer that is fenced off must not.
      await ended?.producer.disconnect().catch(() => undefined);
      throw isFenced(error) ? fenced(location, error) : inWords(error, `Location ${location} cannot be written to`);
    }
  }

  const outbox = createOutbox<Sending, boolean>({
    send,
    most: TRANSACTION,
    bytes: ({ key, value }) => key.length + (value?.length ?? 0),
  });

  return {
    publish: (record, again) =>
      outbox.add({
        key: environmentName(record.environment),
        generation: record.generation,
        seq: record.directive?.seq ?? 0,
        value: encode(record),
        again,
      }),
    retire: (environment, generation) =>
      outbox.add({ key: environmentName(environment), generation, seq: 0, value: null, again: false }),
    async close(fault) {
      await outbox.close(fault);
      await tenure?.producer.disconnect().catch(() => undefined);
      tenure = undefined;
    },
  };
}

function isNews({ generation, seq, value, again }: Omit<Sending, 'key'>, there?: Standing): boolean {
  if (value === null) return there !== undefined && !there.retired && there.generation <= generation;
  if (!there || generation > there.generation) return true;
  if (generation < there.generation || there.retired) return false;
  return seq > there.seq || (again && seq === there.seq);
}

/** In order, each as large as a broker takes by default. */
function* requestsOf(messages: readonly Message[]): Generator<Message[]> {
  let request: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.value?.length ?? 0;
    if (request.length > 0 && (request.length >= BATCH.records || bytes + size > BATCH.bytes)) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(message);
    bytes += size;
  }
  if (request.length > 0) yield request;
}

/**
 * What cannot be read stands below every generation, and what is of a newer schema below the directives of its own: the
 * next one replaces it.
 */
export function standingOf(value: Buffer | null, header: unknown): Standing {
  if (value === null) return { generation: Number(String(header)) || 0, seq: 0, retired: true };
  const outline = outlineOf(value);
  return { generation: outline?.generation ?? 0, seq: outline?.seq ?? 0, retired: false };
}

const fenced = (location: string, cause: unknown): RetryableError =>
  new RetryableError('STORE_UNAVAILABLE', `Another dispatcher has taken over location ${location}`, {
    hint: 'Only one ledger process with the role dispatcher may run; this one takes the location over when it tries again.',
    cause,
  });
