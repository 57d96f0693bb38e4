import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@waybill/kernel';
import { sampleEvent } from '@waybill/kernel/testing';
import { createRecentEvents } from './recent-events.js';

const event = (position: number, text = ''): RecordedEvent => ({
  ...sampleEvent({ data: { text } }),
  stream: 'thing-1',
  revision: 0,
  position: String(position),
  recordedAt: '2026-11-23T12:00:00.000Z',
  previousHash: '',
  hash: '',
});
const positions = (events: readonly RecordedEvent[] | undefined): readonly string[] | undefined =>
  events?.map(({ position }) => position);

describe('recent events', () => {
  it('knows nothing before it was started, and nothing from before that', () => {
    const recent = createRecentEvents();
    expect(recent.after('5', 10)).toBeUndefined();
    recent.startBehind('90');
    expect(recent.after(undefined, 10)).toBeUndefined();
    expect(recent.after('89', 10)).toBeUndefined();
    expect(recent.after('90', 10)).toEqual([]);
    expect(recent.after('1000', 10)).toEqual([]);
  });

  it('gives what lies behind a position, whether an event stands there or not', () => {
    const recent = createRecentEvents();
    recent.startBehind('90');
    recent.push([event(95), event(100)]);
    recent.push([event(110)]);
    expect(positions(recent.after('90', 10))).toEqual(['95', '100', '110']);
    expect(positions(recent.after('90', 2))).toEqual(['95', '100']);
    expect(positions(recent.after('95', 10))).toEqual(['100', '110']);
    expect(positions(recent.after('99', 10))).toEqual(['100', '110']);
    expect(positions(recent.after('110', 10))).toEqual([]);
    recent.forget();
    expect(recent.after('110', 10)).toBeUndefined();
  });

  it('forgets the oldest when there are too many, and says so', () => {
    const recent = createRecentEvents();
    recent.startBehind('0');
    for (let position = 1; position <= 5000; position++) recent.push([event(position)]);
    expect(recent.after('0', 1)).toBeUndefined();
    expect(recent.after('3000', 1)).toBeUndefined();
    expect(positions(recent.after('4800', 1000))).toHaveLength(200);
  });

  it('forgets the oldest when they are too long', () => {
    const recent = createRecentEvents();
    recent.startBehind('0');
    for (let position = 1; position <= 40; position++) recent.push([event(position, 'x'.repeat(900_000))]);
    expect(recent.after('30', 10)).toBeUndefined();
    expect(positions(recent.after('39', 10))).toEqual(['40']);
  });
});
