// 2,000 desired records and 5,000 reports to a real broker and back, checked, fenced and recorded as read, against a
// bare kafkajs that sends the same bytes in the same batches with the same acknowledgements and only counts them.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { inTurn, rates, report, timed } from './measure.mjs';
import { withServers } from './servers.mjs';

const require = createRequire(import.meta.url);
const { createKafkaChannel, readKafkaAddress } = require('@waybill/channel');
const { deploymentReport, presentRecord } = require('../../libs/channel/dist/testing/examples.js');
const { Kafka, Partitioners, logLevel } = require('kafkajs');

const DESIRED = 2_000;
const REPORTS = 5_000;
const BATCH = 500;
const ROUNDS = 15;

const environments = Array.from({ length: DESIRED }, (_, n) => ({ project: `p${n}`, slot: 'dev', location: 'here' }));
const quiet = () => undefined;

/** Waits until so many more have come. */
function counter() {
  let seen = 0;
  let waiting;
  return {
    add(count) {
      seen += count;
      if (waiting && seen >= waiting.count) waiting.done();
    },
    more(count) {
      const target = seen + count;
      return new Promise((done) => (waiting = { count: target, done }));
    },
  };
}

await withServers('channel-throughput', { kafka: {} }, async ({ kafka: broker }) => {
  const prefix = `bench-${randomBytes(4).toString('hex')}-`;
  const stop = new AbortController();
  const channel = createKafkaChannel({
    address: readKafkaAddress(`kafka://${broker.brokers.join()}?prefix=${prefix}`),
    log: { info: quiet, warn: quiet, error: console.error },
    locations: () => Promise.resolve(['here']),
  });
  const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  const consumers = [];
  try {
    const ours = await ourSide();
    const anchor = await bareSide();
    let generation = 0;
    const times = await inTurn({
      rounds: ROUNDS,
      ours: () => timed(ours),
      anchor: () => timed(anchor),
      warmUp: 3,
    });
    const amounts = { ours: DESIRED + REPORTS, anchor: DESIRED + REPORTS };
    report('channel-throughput', { ...rates(times, amounts), goal: 0.8, unit: 'records/s', better: 'higher' });

    async function ourSide() {
      const desired = counter();
      const reports = counter();
      const handle = () => Promise.resolve(desired.add(1));
      void channel.consumeDesired('here', { handle }, stop.signal);
      void channel.consumeReports((some) => Promise.resolve(reports.add(some.length)), stop.signal);
      return async () => {
        generation++;
        const allDesired = desired.more(DESIRED);
        await Promise.all(environments.map((environment) => channel.publish(presentRecord(environment, generation))));
        await allDesired;
        const allReports = reports.more(REPORTS);
        const sent = Array.from({ length: REPORTS }, (_, seq) =>
          channel.report(deploymentReport(environments[0], generation, seq)),
        );
        await Promise.all(sent);
        await allReports;
      };
    }

    async function bareSide() {
      const admin = kafka.admin();
      await admin.connect();
      const topics = [`${prefix}bare-desired`, `${prefix}bare-reports`].map((topic) => ({ topic, numPartitions: 1 }));
      await admin.createTopics({ topics, waitForLeaders: true });
      await admin.disconnect();
      await producer.connect();
      const [desired, reports] = [counter(), counter()];
      for (const [topic, seen] of [
        [`${prefix}bare-desired`, desired],
        [`${prefix}bare-reports`, reports],
      ]) {
        const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 500 });
        consumers.push(consumer);
        await consumer.connect();
        await consumer.subscribe({ topics: [topic], fromBeginning: true });
        await consumer.run({ eachBatch: ({ batch }) => Promise.resolve(seen.add(batch.messages.length)) });
      }
      const send = async (topic, messages) => {
        for (let from = 0; from < messages.length; from += BATCH) {
          await producer.send({ topic, acks: -1, messages: messages.slice(from, from + BATCH) });
        }
      };
      const text = (value) => Buffer.from(JSON.stringify(value));
      return async () => {
        generation++;
        const allDesired = desired.more(DESIRED);
        const records = environments.map((environment) => ({
          key: `${environment.project}.dev@here`,
          value: text(presentRecord(environment, generation)),
        }));
        await send(`${prefix}bare-desired`, records);
        await allDesired;
        const allReports = reports.more(REPORTS);
        const told = Array.from({ length: REPORTS }, (_, seq) => ({
          key: 'here',
          value: text(deploymentReport(environments[0], generation, seq)),
        }));
        await send(`${prefix}bare-reports`, told);
        await allReports;
      };
    }
  } finally {
    stop.abort();
    await channel.close();
    await Promise.all(consumers.map((consumer) => consumer.disconnect()));
    await producer.disconnect();
  }
});
