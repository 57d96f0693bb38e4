import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { brokers } from './stage.js';

const kafka = (): Kafka => new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING });

/** Puts a record on a topic by hand, as somebody with a console producer would. */
export async function putRecord(topic: string, key: string, value: object): Promise<void> {
  const producer = kafka().producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    await producer.send({ topic, messages: [{ key, value: JSON.stringify(value) }] });
  } finally {
    await producer.disconnect();
  }
}

export async function createTopic(topic: string, cleanupPolicy: string): Promise<void> {
  const admin = kafka().admin();
  await admin.connect();
  try {
    const configEntries = [{ name: 'cleanup.policy', value: cleanupPolicy }];
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries }] });
  } finally {
    await admin.disconnect();
  }
}

export async function deleteTopic(topic: string): Promise<void> {
  const admin = kafka().admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
}
