// A ledger that starts anew and has forgotten how far it had got hands over everything once more. How many of 500
// records that stand on the topic already it sends again, against all of them, which a plain producer would send.
import { createRequire } from 'node:module';
import { startKafka } from '../../tools/servers/kafka.mjs';
import { report } from './measure.mjs';

const require = createRequire(import.meta.url);
const { createKafkaChannel, readKafkaAddress } = require('@waybill/channel');
const { presentRecord } = require('../../libs/channel/dist/testing/examples.js');

const ENVIRONMENTS = 500;
const quiet = () => undefined;
const broker = await startKafka();

/** Publishes everything over a channel of its own; gives how many records were sent. */
async function dispatch() {
  let sent = 0;
  const channel = createKafkaChannel({
    address: readKafkaAddress(`kafka://${broker.brokers.join()}?prefix=bench-`),
    log: { info: quiet, warn: quiet, error: console.error },
    observe: { sent: (_kind, records) => (sent += records) },
  });
  const environments = Array.from({ length: ENVIRONMENTS }, (_, n) => ({
    project: `p${n}`,
    slot: 'dev',
    location: 'here',
  }));
  await Promise.all(environments.map((environment) => channel.publish(presentRecord(environment, 1))));
  await channel.close();
  return sent;
}

try {
  const anchor = await dispatch();
  const ours = await dispatch();
  report('restart-redispatch', { ours, anchor, goal: 0, unit: 'records' });
} finally {
  await broker.stop();
}
