import type { Deliverable, ObjectReference, Tier } from '@waybill/domain';
import {
  defineTable,
  flag,
  integer,
  json,
  oneOf,
  optionalInteger,
  optionalJson,
  optionalOneOf,
  optionalText,
  text,
} from '../table.js';
import type { Drift } from '../environments/table.js';

export type DeploymentStateName =
  | 'requested'
  | 'accepted'
  | 'adapted'
  | 'applied'
  | 'rolled-out'
  | 'delivered'
  | 'healthy'
  | 'failed'
  | 'rejected'
  | 'delayed'
  | 'removed'
  | 'superseded';

export const deploymentTable = defineTable({
  name: 'deployments',
  key: 'name',
  columns: {
    name: text(),
    /** Position of the event that asked for this generation. */
    position: integer(),
    /** Position of its release's request, of its own for a removal: what is listed with releases is ordered by it. */
    askedFor: integer(),
    environment: text(),
    project: text(),
    slot: text(),
    location: text(),
    generation: integer(),
    state: oneOf<DeploymentStateName>(),
    /** True for ever once it was delivered or healthy. */
    good: flag(),
    message: optionalText(),
    /** Null for a removal, and so are the next six. */
    release: optionalText(),
    ref: optionalText(),
    refKind: optionalOneOf<'branch' | 'tag'>(),
    commit: optionalText(),
    deliverable: optionalJson<Deliverable>(),
    configDigest: optionalText(),
    tier: optionalOneOf<Tier>(),
    /** Digest of the desired state in the blob store. */
    desired: optionalText(),
    replaces: optionalInteger(),
    /** Name of the deployment at a location that is left which this one copies. */
    copyOf: optionalText(),
    /** False where only its counterpart at the other location of a migration counts. */
    counts: flag(),
    deliveredCommit: optionalText(),
    objects: json<readonly ObjectReference[]>(),
    requestedAt: text(),
    finishedAt: optionalText(),
    /** Where the next generation was asked for, or where nothing was left; the highest number while it still holds. */
    untilPosition: integer(),
    /** The same two by the instants at which it happened. */
    happenedAt: text(),
    happenedUntil: text(),
    /** When it was delivered or healthy for the first time. */
    goodPosition: optionalInteger(),
    goodHappenedAt: optionalText(),
    drift: optionalJson<Drift>(),
    correlationId: text(),
  },
  indexes: [
    { columns: ['position'], unique: true },
    { columns: ['project', 'position'] },
    { columns: ['environment', 'position'] },
    { columns: ['environment', 'askedFor'] },
    { columns: ['environment', 'happenedAt', 'position'] },
    { columns: ['untilPosition', 'position'] },
    { columns: ['happenedUntil', 'happenedAt'] },
    { columns: ['location', 'position'] },
    { columns: ['release'] },
  ],
});
