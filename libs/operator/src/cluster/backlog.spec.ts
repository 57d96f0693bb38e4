import { describe, expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import { createBacklog } from './backlog.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const record = presentRecord(environment, 2);
const directed = (seq: number): DesiredRecord => ({ ...record, directive: { seq, kind: 'pause', full: false } });

async function takenOf(records: readonly DesiredRecord[]): Promise<DesiredRecord[]> {
  const taken: DesiredRecord[] = [];
  const backlog = createBacklog(
    {
      take: (one) => Promise.resolve(void taken.push(one)),
      retired: () => Promise.resolve(),
      unreadable: () => Promise.resolve(),
    },
    { get: () => undefined, lost: () => undefined },
  );
  for (const one of records) await backlog.take(one);
  await backlog.caughtUp();
  return taken;
}

describe('what is retained when an operator begins', () => {
  it('is taken with the newest directive of its generation, in whatever order a topic tells it', async () => {
    expect(await takenOf([record, directed(1), directed(2)])).toEqual([directed(2)]);
    expect(await takenOf([directed(2), directed(1), record])).toEqual([directed(2)]);
  });

  it('is taken whole where two records of a generation contradict each other', async () => {
    const other = presentRecord(environment, 2, (desired) => ({ ...desired, tier: 'prod' }));
    expect(await takenOf([record, other, directed(1)])).toEqual([other, directed(1)]);
  });

  it('is the newest generation only', async () => {
    const newer = presentRecord(environment, 3);
    expect(await takenOf([directed(1), newer, directed(2)])).toEqual([newer]);
  });
});
