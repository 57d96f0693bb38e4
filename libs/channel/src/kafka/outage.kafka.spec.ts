import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StartedKafka, startKafka } from '../../../../tools/servers/for-specs.js';
import type { DesiredRecord } from '../desired-state.js';
import { presentRecord } from '../testing/examples.js';
import { gather } from '../testing/gather.js';
import { startLoad } from '../testing/under-load.js';
import { readKafkaAddress } from './address.js';
import { linesLog, openChannel } from './testing/broker.js';

let broker: StartedKafka;
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  broker = await startKafka();
});
afterAll(async () => {
  await broker.stop();
  process.off('unhandledRejection', note);
});

const addressWith = (prefix: string) => readKafkaAddress(`kafka://${broker.brokers.join()}?prefix=${prefix}`);

describe('while the broker is away', () => {
  it('nothing is lost and nothing reordered, under load', async () => {
    const address = addressWith('load-');
    const log = linesLog();
    const [ledger, operator] = [openChannel(address, { log }), openChannel(address, { log })];
    const load = startLoad({ ledger, operator }, { location: 'here', environments: 20 });
    await load.attempts(500);
    await broker.kill();
    await load.failed(20);
    await broker.restart();
    const result = await load.finish();
    expect(result).toMatchObject({ lost: [], reordered: [] });
    expect(result.failures).toBeGreaterThanOrEqual(20);
    expect(result.published).toBeGreaterThan(450);
    await Promise.all([ledger.close(), operator.close()]);
    expect(unhandled).toEqual([]);
  }, 120_000);

  it('an operator that starts meanwhile catches up when it is back, and one that stops, stops', async () => {
    const address = addressWith('start-');
    const before = openChannel(address);
    await before.publish(presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1));
    await before.close();
    await broker.kill();
    const log = linesLog();
    const [impatient, patient] = [openChannel(address), openChannel(address, { log })];
    const stop = new AbortController();
    const given = impatient.consumeDesired('here', { handle: () => Promise.resolve() }, stop.signal);
    stop.abort();
    await given;
    const seen = gather<DesiredRecord>();
    const consuming = patient.consumeDesired('here', { handle: seen.add }, AbortSignal.any([]));
    const restarted = broker.restart();
    expect(await seen.first(1)).toHaveLength(1);
    await restarted;
    await Promise.all([impatient.close(), patient.close()]);
    await consuming;
    expect(unhandled).toEqual([]);
  }, 120_000);
});
