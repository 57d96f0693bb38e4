import { Kafka, type KafkaMessage, logLevel, Partitioners } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { until } from '../../e2e/harness/until.js';
import { brokers } from '../../cluster/harness/stage.js';

export type TopicRecord = Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>;

const kafkaOf = (): Kafka =>
  new Kafka({ clientId: 'faults', brokers: brokers().split(','), logLevel: logLevel.NOTHING, retry: { retries: 20 } });

export async function withAdmin<T>(ask: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = kafkaOf().admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Offset behind the last record. */
export const endOf = async (topic: string): Promise<bigint> =>
  BigInt((await withAdmin((admin) => admin.fetchTopicOffsets(topic)))[0]!.high);

/** Every record that is retained, as it stands there. */
export async function recordsOf(topic: string): Promise<TopicRecord[]> {
  const [bounds] = await withAdmin((admin) => admin.fetchTopicOffsets(topic));
  if (bounds!.low === bounds!.high) return [];
  const groupId = `faults-${randomUUID()}`;
  const consumer = kafkaOf().consumer({ groupId, maxWaitTimeInMs: 100 });
  const records: TopicRecord[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    // Behind the last record there may be the marks of a transaction, which are given to nobody.
    consumer.on('consumer.end_batch_process', ({ payload }) => {
      if (BigInt(payload.lastOffset) + 1n >= BigInt(bounds!.high)) resolve();
    });
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
    consumer
      .run({
        eachBatch: ({ batch }) => {
          records.push(...batch.messages);
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  await withAdmin((admin) => admin.deleteGroups([groupId]));
  return records;
}

/** Puts records on a topic that others write as well. */
export async function deliver(topic: string, records: readonly TopicRecord[]): Promise<void> {
  const producer = kafkaOf().producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let at = 0; at < records.length; at += 500) {
    const messages = records
      .slice(at, at + 500)
      .map(({ key, value, headers }) => ({ key, value, ...(headers && { headers }) }));
    await producer.send({ topic, acks: -1, messages });
  }
  await producer.disconnect();
}

/** Waits until the group has handled everything that stands on the topic now. */
export async function handled(topic: string, groupId: string): Promise<void> {
  const end = await endOf(topic);
  await until(
    `${groupId} has handled ${topic} up to ${end}`,
    async () => {
      const [found] = await withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
      return found?.partitions[0]?.offset ?? '-1';
    },
    (offset) => BigInt(offset) >= end,
    120_000,
  );
}
