// A ledger that starts anew and has forgotten how far it had got hands over everything once more. How many of 500
// records that stand on the topic already it sends again, against all of them, which a plain producer would send.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { report } from './measure.mjs';
import { withServers } from './servers.mjs';

const require = createRequire(import.meta.url);
const { createKafkaChannel, readKafkaAddress } = require('@waybill/channel');
const { presentRecord } = require('../../libs/channel/dist/testing/examples.js');

const ENVIRONMENTS = 500;
const quiet = () => undefined;

/** Publishes everything over a channel of its own; gives how many records were sent. */
async function dispatch(address) {
  let sent = 0;
  const channel = createKafkaChannel({
    address: readKafkaAddress(address),
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

await withServers('restart-redispatch', { kafka: {} }, async ({ kafka }) => {
  const address = `kafka://${kafka.brokers.join()}?prefix=bench-${randomBytes(4).toString('hex')}-`;
  const anchor = await dispatch(address);
  const ours = await dispatch(address);
  report('restart-redispatch', { ours, anchor, goal: 0, unit: 'records' });
});
