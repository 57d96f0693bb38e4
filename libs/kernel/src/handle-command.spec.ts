import { describe, expect, it } from '@jest/globals';
import { clampOccurredAt, commandDigest } from './handle-command.js';
import { createMemoryEventStore, handleCommandContract } from './testing/index.js';

handleCommandContract('memory', async ({ clock }) => {
  const store = createMemoryEventStore({ clock });
  return { store, dispose: () => store.close() };
});

describe('commandDigest', () => {
  it('depends on type and data, not on the order of keys', () => {
    const digest = commandDigest({ type: 'Do', data: { a: 1, b: [2] } });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(commandDigest({ type: 'Do', data: { b: [2], a: 1, c: undefined } })).toBe(digest);
    expect(commandDigest({ type: 'Undo', data: { a: 1, b: [2] } })).not.toBe(digest);
    expect(commandDigest({ type: 'Do', data: { a: 1, b: [3] } })).not.toBe(digest);
  });
});

describe('clampOccurredAt', () => {
  const now = '2026-11-23T12:00:00.000Z';
  it.each([
    ['the past', '2020-01-01T00:00:00Z', { occurredAt: '2020-01-01T00:00:00.000Z', clamped: false }],
    ['another zone', '2026-11-23T13:00:00+01:00', { occurredAt: now, clamped: false }],
    ['five minutes ahead', '2026-11-23T12:05:00.000Z', { occurredAt: '2026-11-23T12:05:00.000Z', clamped: false }],
    ['more than five minutes ahead', '2026-11-23T12:05:00.001Z', { occurredAt: now, clamped: true }],
    ['no instant at all', 'yesterday', { occurredAt: now, clamped: true }],
  ])('of %s', (_what, reported, expected) => {
    expect(clampOccurredAt(reported, now)).toEqual(expected);
  });
});
