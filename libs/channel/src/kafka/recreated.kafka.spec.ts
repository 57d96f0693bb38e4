import { expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import type { DesiredRecord } from '../desired-state.js';
import { presentRecord } from '../testing/examples.js';
import { gather } from '../testing/gather.js';
import { linesLog, openChannel, ownAddress } from './testing/broker.js';

const at = (project: string) => ({ project, slot: 'dev', location: 'here' });
const names = (records: readonly DesiredRecord[]): string[] => records.map(({ environment }) => environment.project);

it('a topic that was deleted is found to lack everything, and is filled again for those who read it and those who will', async () => {
  const address = ownAddress();
  const [ledger, operator] = [openChannel(address), openChannel(address, { log: linesLog() })];
  const records = ['a', 'b', 'c'].map((project) => presentRecord(at(project), 1));
  for (const record of records) await ledger.publish(record);
  expect(await ledger.lacking('here', records)).toEqual([]);
  expect(await ledger.lacking('here', [{ environment: at('a'), generation: 2 }])).toHaveLength(1);

  const seen = gather<DesiredRecord>();
  const readAnew = gather<boolean>();
  const stop = new AbortController();
  const consuming = operator.consumeDesired(
    'here',
    { handle: seen.add, onReadAnew: () => void readAnew.add(true) },
    stop.signal,
  );
  await seen.first(3);

  const kafka = new Kafka({ clientId: 'spec', brokers: [...address.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [`${address.prefix}waybill.desired.here`] });
  await admin.disconnect();
  await readAnew.first(1);

  expect(await ledger.lacking('here', records)).toEqual(records);
  for (const record of records) await ledger.publish(record, { again: true });
  expect(await ledger.lacking('here', records)).toEqual([]);
  expect(names((await seen.first(6)).slice(3))).toEqual(['a', 'b', 'c']);
  stop.abort();
  await consuming;

  const second = openChannel(address);
  const found = gather<DesiredRecord>();
  const ending = new AbortController();
  const reading = second.consumeDesired('here', { handle: found.add }, ending.signal);
  expect(names(await found.first(3))).toEqual(['a', 'b', 'c']);
  ending.abort();
  await reading;
  await Promise.all([ledger.close(), operator.close(), second.close()]);
}, 90_000);
