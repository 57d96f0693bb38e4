import { defineTable, integer, optionalJson, oneOf, optionalText, text } from '../table.js';
import type { Drift } from '../environments/table.js';

/** No event has this position yet: where an interval that still holds ends. */
export const STILL_POSITION = Number.MAX_SAFE_INTEGER;

/** The same for instants. */
export const STILL_INSTANT = '9999-12-31T23:59:59.999Z';

/**
 * From when to when a row holds, by both clocks: in the order of the log, which is the order in which things were
 * recorded, and by the instants at which they happened. The end is no longer part of it.
 */
export const validity = {
  fromPosition: integer(),
  untilPosition: integer(),
  happenedFrom: text(),
  happenedUntil: text(),
};

/** What is told of which kind of subject, one part at a time. */
export type VersionKind = 'project' | 'location' | 'resource' | 'environment' | 'ledger';
export type VersionPart =
  | 'name'
  | 'developer'
  | 'business'
  | 'devops'
  | 'rules'
  | 'branch'
  | 'delivery'
  | 'operator'
  | 'resource'
  | 'pendingConfig'
  | 'links';

/**
 * Everything that was ever said of a subject, part by part, with the time for which it held. The newest one has the
 * subject and the part as its id, so that it is found when the next one comes; older ones have their position behind it.
 */
export const versionTable = defineTable({
  name: 'versions',
  key: 'id',
  columns: {
    id: text(),
    kind: oneOf<VersionKind>(),
    subject: text(),
    part: oneOf<VersionPart>(),
    /** Null: there is nothing any more. */
    value: optionalJson<unknown>(),
    /** Revision in the stream of the subject. */
    revision: integer(),
    eventId: text(),
    /** Who did it, as an opaque id, or the name of a policy. */
    actor: text(),
    recordedAt: text(),
    ...validity,
  },
  indexes: [{ columns: ['kind', 'subject', 'fromPosition'] }, { columns: ['kind', 'part', 'subject', 'fromPosition'] }],
});

/**
 * How deployments stood, with the time for which they did. A deployment without a row was under way; ids as above.
 */
export const standingTable = defineTable({
  name: 'standings',
  key: 'id',
  columns: {
    id: text(),
    deployment: text(),
    state: oneOf<'deploying' | 'delayed' | 'delivered' | 'healthy' | 'failed' | 'rejected'>(),
    message: optionalText(),
    drift: optionalJson<Drift>(),
    recordedAt: text(),
    ...validity,
  },
  indexes: [{ columns: ['deployment', 'fromPosition'] }],
});
