import type { Deliverable, Tier } from '@waybill/domain';
import {
  defineTable,
  integer,
  oneOf,
  optionalInteger,
  optionalJson,
  optionalOneOf,
  optionalText,
  text,
} from '../table.js';
import type { Rollout } from './rollout.js';

/**
 * As the events say. What a query answers adds `waiting`: a generation that is `deploying` or `removing` where the
 * operator is silent or tries again.
 */
export type StoredEnvironmentState =
  'deploying' | 'delayed' | 'delivered' | 'healthy' | 'failed' | 'rejected' | 'removing' | 'removed';

export interface Drift {
  readonly paths: readonly string[];
  readonly commit: string | null;
  readonly noticedAt: string;
}

/** A configuration that was committed and is not deployed. */
export interface PendingConfig {
  readonly directory: string;
  readonly commit: string;
  /** Git's tree hash of the directory. */
  readonly digest: string;
  readonly noticedAt: string;
}

export const environmentTable = defineTable({
  name: 'environments',
  key: 'name',
  columns: {
    name: text(),
    project: text(),
    slot: text(),
    location: text(),
    state: oneOf<StoredEnvironmentState>(),
    generation: integer(),
    /** Generation that is wanted; null once a removal was asked for. */
    currentGeneration: optionalInteger(),
    /** Newest generation that was ever delivered or healthy. */
    lastGoodGeneration: optionalInteger(),
    /** Generation that takes all the traffic, or all of it that the newest one has not yet; null when none does. */
    runningGeneration: optionalInteger(),
    rollout: optionalJson<Rollout>(),
    /** Of the wanted deployment; null once a removal was asked for. */
    release: optionalText(),
    ref: optionalText(),
    refKind: optionalOneOf<'branch' | 'tag'>(),
    commit: optionalText(),
    deliverable: optionalJson<Deliverable>(),
    configDigest: optionalText(),
    tier: optionalOneOf<Tier>(),
    message: optionalText(),
    drift: optionalJson<Drift>(),
    pendingConfig: optionalJson<PendingConfig>(),
    /** Name of the environment at a location that was left whose history this one carries on. */
    migratedFrom: optionalText(),
    /** Name of the environment that counts in place of this one. */
    migratedTo: optionalText(),
    cutOverAt: optionalText(),
    /** Why it cannot be copied to where its location is migrated. */
    copyProblem: optionalText(),
    /** When the newest generation was asked for. */
    requestedAt: text(),
  },
  indexes: [{ columns: ['project', 'slot'] }, { columns: ['location'] }, { columns: ['state'] }],
});
