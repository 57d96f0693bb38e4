import {
  type Admin,
  Kafka,
  type KafkaConfig,
  Partitioners,
  type Producer,
  type ProducerConfig,
  type RetryOptions,
  type SASLOptions,
  logLevel,
} from 'kafkajs';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaAddress } from './address.js';

/** Where the channel says what happens to it. */
export interface ChannelLog {
  debug?(line: string): void;
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/**
 * Given in full everywhere: kafkajs takes other defaults when NODE_ENV is `test`. A session that fails is begun again
 * by the channel, so kafkajs itself gives up within seconds.
 */
export const SESSION_RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 6 };

/**
 * A consumer that finds its broker again keeps its place in the group. One that starts anew has to wait there until the
 * old one's session has run out, so this is more patient: about 20 seconds.
 */
export const CONSUMER_RETRY = { ...SESSION_RETRY, retries: 24 };

/**
 * Begins small: the broker refuses the next transaction of a producer until the markers of the last one are written,
 * which takes milliseconds (KIP-98, CONCURRENT_TRANSACTIONS).
 */
export const PRODUCER_RETRY = { initialRetryTime: 5, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 14 };

/** Records of one request and the most bytes of it; one record may be larger. */
export const BATCH = { records: 500, bytes: 900_000 };

export function createKafka(
  address: KafkaAddress,
  clientId: string,
  log: ChannelLog,
  retry: RetryOptions = SESSION_RETRY,
): Kafka {
  const { brokers, ssl, sasl } = address;
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: 5_000,
    authenticationTimeout: 5_000,
    requestTimeout: 30_000,
    retry,
    logLevel: logLevel.WARN,
    // What kafkajs calls an error is mostly the first try of something it tries again. What is left of it in the end
    // reaches the channel as an exception and is told in its own words.
    logCreator:
      () =>
      ({ namespace, log: entry }) =>
        log.debug?.(`kafkajs ${namespace}: ${entry.message}${entry['error'] ? ` (${String(entry['error'])})` : ''}`),
    ...(ssl ? { ssl: sslOptions(ssl) } : {}),
    ...(sasl ? { sasl: { ...sasl } as SASLOptions } : {}),
  };
  return new Kafka(config);
}

const sslOptions = ({ ca, cert, key }: NonNullable<KafkaAddress['ssl']>): ConnectionOptions => ({
  rejectUnauthorized: true,
  ...(ca === undefined ? {} : { ca: [ca] }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});

/** Asks the cluster something, over a connection of its own: kept ones do not survive every restart of a broker. */
export type WithAdmin = <T>(ask: (admin: Admin) => Promise<T>) => Promise<T>;

export const adminOf =
  (kafka: Kafka): WithAdmin =>
  async (ask) => {
    const admin = kafka.admin({ retry: SESSION_RETRY });
    try {
      await admin.connect();
      return await ask(admin);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };

/** An idempotent producer that keeps the order of what it is given. A connection that fails leaves nothing open. */
export async function connectProducer(
  kafka: Kafka,
  transactions: Pick<ProducerConfig, 'transactionalId' | 'transactionTimeout'> = {},
): Promise<Producer> {
  const producer = kafka.producer({
    ...transactions,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: PRODUCER_RETRY,
  });
  try {
    await producer.connect();
    return producer;
  } catch (error) {
    await producer.disconnect().catch(() => undefined);
    throw error;
  }
}
