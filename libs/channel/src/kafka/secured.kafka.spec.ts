import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StartedKafka, startKafka } from '../../../../tools/servers/for-specs.js';
import type { DesiredRecord } from '../desired-state.js';
import { presentRecord } from '../testing/examples.js';
import { gather } from '../testing/gather.js';
import { readKafkaAddress } from './address.js';
import { linesLog, openChannel } from './testing/broker.js';

const PASSWORD = 'only-in-this-test';
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'];
const record = presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1);

let broker: StartedKafka;
beforeAll(async () => {
  broker = await startKafka({
    secured: {
      protocol: 'SASL_SSL',
      users: { waybill: PASSWORD },
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    },
  });
}, 60_000);
afterAll(() => broker.stop());

function addressOf(parameters: Record<string, string>, password = PASSWORD) {
  const query = new URLSearchParams({ user: 'waybill', ...parameters });
  const url = `kafka://${broker.secured!.brokers.join()}?${query.toString()}`;
  return readKafkaAddress(url, { WAYBILL_KAFKA_PASSWORD: password });
}

describe('a broker behind TLS and SASL', () => {
  it.each(MECHANISMS)(
    'is reached with %s',
    async (sasl) => {
      const channel = openChannel(addressOf({ sasl, ca: broker.secured!.caFile!, prefix: `${sasl}-` }));
      await channel.publish(record);
      const seen = gather<DesiredRecord>();
      const stop = new AbortController();
      const consuming = channel.consumeDesired('here', { handle: seen.add }, stop.signal);
      expect(await seen.first(1)).toEqual([record]);
      stop.abort();
      await consuming;
      await channel.close();
    },
    60_000,
  );

  it('refuses another password, and no word of it is told', async () => {
    const wrong = `${PASSWORD}-no-more`;
    const log = linesLog();
    const channel = openChannel(addressOf({ sasl: 'scram-sha-256', ca: broker.secured!.caFile! }, wrong), { log });
    const told = await channel.publish(record).then(
      () => 'published',
      (error: unknown) => String(error),
    );
    expect(told).toMatch(/authentication/i);
    expect(`${told} ${log.lines.join(' ')}`).not.toContain(PASSWORD);
    await channel.close();
  }, 60_000);

  it('is not trusted without its authority', async () => {
    const channel = openChannel(addressOf({ sasl: 'plain', ssl: 'true' }));
    await expect(channel.publish(record)).rejects.toThrow(/certificate/);
    await channel.close();
  }, 60_000);
});
