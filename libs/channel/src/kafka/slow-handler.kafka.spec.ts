import { expect, it } from '@jest/globals';
import { setTimeout as work } from 'node:timers/promises';
import type { DesiredRecord } from '../desired-state.js';
import type { Report } from '../report.js';
import { presentRecord } from '../testing/examples.js';
import { gather } from '../testing/gather.js';
import { linesLog, openChannel, ownAddress } from './testing/broker.js';

/** Longer than the broker waits for a sign of life of a consumer (`sessionTimeout`, 10 s). */
const LONG_MS = 12_000;

const environment = { project: 'a', slot: 'dev', location: 'here' };

it('a handler that works for longer than a session lasts is not taken for dead, and is given nothing twice', async () => {
  const address = ownAddress();
  const log = linesLog();
  const [ledger, operator, standby] = [
    openChannel(address, { log }),
    openChannel(address, { log }),
    openChannel(address),
  ];
  const records = [1, 2].map((generation) => presentRecord(environment, generation));
  for (const record of records) await ledger.publish(record);
  const seen = gather<DesiredRecord>();
  const others = gather<DesiredRecord>();
  const reports = gather<Report>();
  let began: () => void = () => undefined;
  const working = new Promise<void>((resolve) => (began = resolve));
  const slowly = async (record: DesiredRecord): Promise<void> => {
    began();
    if (record.generation === 2) return seen.add(record);
    await work(LONG_MS);
    await seen.add(record);
  };
  const forever = new AbortController();
  const consumed = [
    operator.consumeDesired('here', { handle: slowly }, forever.signal),
    ledger.consumeReports(async (batch) => {
      if (reports.all().length === 0) await work(LONG_MS);
      await reports.addAll(batch);
    }, forever.signal),
  ];
  await working;
  // A second operator is a standby for as long as the first one is there: it would be given the partition.
  consumed.push(standby.consumeDesired('here', { handle: others.add }, forever.signal));
  const heartbeat = { schema: 'waybill.dev/report/v1', kind: 'heartbeat', location: 'here', epoch: 1 } as const;
  await operator.report({ ...heartbeat, occurredAt: '2026-01-01T00:00:00.000Z' });
  await seen.first(2);
  await reports.first(1);
  forever.abort();
  await Promise.all(consumed);
  expect(seen.all().map(({ generation }) => generation)).toEqual([1, 2]);
  expect([others.all().length, reports.all().length]).toEqual([0, 1]);
  await Promise.all([ledger.close(), operator.close(), standby.close()]);
}, 90_000);
