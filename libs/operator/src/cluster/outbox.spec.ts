import { describe, expect, it } from '@jest/globals';
import type { DeploymentReport, Report } from '@waybill/channel';
import { gather } from '@waybill/channel/testing';
import type { Action } from '../release-resource/release.js';
import { type Outbox, createOutbox, isAfter } from './outbox.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const action = (seq: number, epoch = 1): Action => ({
  generation: 1,
  epoch,
  seq,
  occurredAt: '2026-01-01T00:00:00.000Z',
  observation: { phase: 'accepted' },
});

function sending(report: (report: Report) => Promise<void>) {
  const ending = new AbortController();
  const sent = gather<string>();
  const nothing = (): void => undefined;
  const outbox: Outbox = createOutbox({
    channel: { report },
    signal: ending.signal,
    log: { info: nothing, warn: nothing, error: nothing },
    retryDelayMs: () => 1,
    onSent: (name) => void sent.add(name),
  });
  return { outbox, sent, end: () => ending.abort() };
}

describe('the outbox', () => {
  it('sends each action once, in order, and knows what has arrived', async () => {
    const arrived: number[] = [];
    const { outbox, sent } = sending((report) => Promise.resolve(void arrived.push((report as DeploymentReport).seq)));
    outbox.offer('a', environment, [action(1), action(2)]);
    outbox.offer('a', environment, [action(1), action(2), action(3)]);
    await sent.first(1);
    expect(arrived).toEqual([1, 2, 3]);
    expect(outbox.sent('a')).toEqual({ epoch: 1, seq: 3 });
    expect(outbox.sent('b')).toBeUndefined();
    outbox.offer('a', environment, [action(2), action(3)]);
    expect(outbox.waiting()).toBe(0);
  });

  it('sends what a predecessor left before its own', async () => {
    const arrived: [number, number][] = [];
    const { outbox, sent } = sending((report) => {
      const { epoch, seq } = report as DeploymentReport;
      return Promise.resolve(void arrived.push([epoch, seq]));
    });
    outbox.offer('a', environment, [action(8, 1)]);
    outbox.offer('a', environment, [action(8, 1), action(9, 2)]);
    await sent.first(1);
    expect(arrived).toEqual([
      [1, 8],
      [2, 9],
    ]);
  });

  it('tries again until it arrives, and lets nothing overtake', async () => {
    let failures = 3;
    const arrived: number[] = [];
    const { outbox, sent } = sending((report) => {
      if (failures > 0) {
        failures--;
        return Promise.reject(new Error('no'));
      }
      return Promise.resolve(void arrived.push((report as DeploymentReport).seq));
    });
    outbox.offer('a', environment, [action(1)]);
    outbox.offer('a', environment, [action(1), action(2)]);
    await sent.first(1);
    expect(arrived).toEqual([1, 2]);
  });

  it('numbers above everything that was numbered before', () => {
    const { outbox } = sending(() => Promise.resolve());
    expect(outbox.nextSeq('a', 7)).toBe(8);
    expect(outbox.nextSeq('a', 7)).toBe(9);
    expect(outbox.nextSeq('b', 0)).toBe(1);
    expect(isAfter(action(1, 2), action(9, 1))).toBe(true);
    expect(isAfter(action(9, 1), action(9, 1))).toBe(false);
  });
});
