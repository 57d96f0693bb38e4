import { eventId, newId, sha256 } from '@waybill/kernel';

/** Streams that are in use at one time. */
export const STREAMS = 1000;

/** @param {number} number */
export const streamOf = (number) => `deployment-shop.feature-${number}@dev.1`;

/**
 * Appends as the product makes them, about 500 bytes of data an event, over 1000 streams: made before the clock runs.
 * Each call of `next` goes on where the last one ended, with the revisions to expect.
 * @param {number} eventsEach events in one append
 * @param {{ inUse?: (index: number) => number, last?: number }} [log] which streams these are when there are more, and the
 *   revision at which they all end already
 */
export function createAppends(eventsEach, { inUse = (index) => index, last = -1 } = {}) {
  const revisions = new Map();
  let number = 0;
  return {
    /** @param {number} count @returns {{ stream: string, events: object[], revision: number }[]} */
    next: (count) =>
      Array.from({ length: count }, () => {
        // A step that has no factor in common with the number of streams: all of them, in no order of the alphabet.
        const stream = streamOf(inUse((number * 617) % STREAMS));
        number += 1;
        const revision = revisions.get(stream) ?? last;
        revisions.set(stream, revision + eventsEach);
        return { stream, revision, events: eventsOf(eventsEach) };
      }),
  };
}

/** What Waybill's port calls the revision that nothing was written at yet. */
export const expected = (revision) => (revision === -1 ? 'no-stream' : revision);

/** Events of one command. @param {number} count */
export function eventsOf(count) {
  const commandId = newId();
  const commandDigest = sha256(commandId);
  const actor = { kind: 'operator', id: 'dev', roles: ['operator'] };
  const correlationId = newId();
  const occurredAt = new Date().toISOString();
  return Array.from({ length: count }, (_, index) => ({
    id: eventId(commandId, index),
    type: 'ManifestsApplied',
    version: 1,
    occurredAt,
    actor,
    commandId,
    commandDigest,
    correlationId,
    causationId: commandId,
    data: {
      environment: { project: 'shop', slot: 'feature-login', location: 'dev' },
      generation: 1 + index,
      epoch: 1_769_000_000_000,
      seq: 4 + index,
      inventoryHash: commandDigest,
      commit: commandDigest.slice(0, 40),
      durationMs: 1834,
      objects: [
        { group: 'apps', kind: 'Deployment', namespace: 'feature', name: 'shop--feature-login', replicas: 3 },
        { group: '', kind: 'Service', namespace: 'feature', name: 'shop--feature-login', replicas: null },
      ],
      message: 'pushed to the branch main of the delivery repository',
    },
  }));
}
