import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Channel, type KafkaAddress, createKafkaChannel, readKafkaAddress } from '@waybill/channel';
import { startLoad } from '@waybill/channel/testing';
import { type StartedKafka, startKafka } from '../../tools/servers/for-specs.js';
import { setTimeout as elapsed } from 'node:timers/promises';
import { isLong, tell, times } from './counting.js';

/** How often, and how long the broker is away. Milliseconds. */
const runs = times(1, 5);
const away = isLong ? 60_000 : 5_000;

let broker: StartedKafka;
beforeAll(async () => {
  broker = await startKafka();
}, 120_000);
afterAll(() => broker.stop());

function open(address: KafkaAddress): Channel {
  const quiet = (): void => undefined;
  return createKafkaChannel({
    address,
    log: { info: quiet, warn: quiet, error: quiet },
    locations: () => Promise.resolve(['here']),
  });
}

describe('a broker that goes away under load', () => {
  it.each([
    ['killed', (): Promise<void> => broker.kill(), (): Promise<void> => broker.restart()],
    [
      'stopped as it is, with its connections',
      (): Promise<void> => broker.pause(),
      (): Promise<void> => broker.resume(),
    ],
  ])('loses nothing and reorders nothing: %s', async (name, take, give) => {
    const counts = { runs: 0, published: 0, failures: 0, repeated: 0, lost: 0, reordered: 0 };
    for (let run = 0; run < runs; run++) {
      const address = readKafkaAddress(`kafka://${broker.brokers.join()}?prefix=${name.slice(0, 4)}${run}-`);
      const [ledger, operator] = [open(address), open(address)];
      const load = startLoad({ ledger, operator }, { location: 'here', environments: 20 });
      await load.attempts(200);
      await take();
      // How long it is away is what is tried here; nothing else is waited for.
      await elapsed(away);
      await give();
      await load.attempts(400);
      const result = await load.finish();
      counts.runs++;
      counts.published += result.published;
      counts.failures += result.failures;
      counts.repeated += result.repeated;
      counts.lost += result.lost.length;
      counts.reordered += result.reordered.length;
      expect(result).toMatchObject({ lost: [], reordered: [] });
      await Promise.all([ledger.close(), operator.close()]);
    }
    tell(`broker-${name.split(' ')[0]!}-${away / 1000}s`, counts);
  });
});
