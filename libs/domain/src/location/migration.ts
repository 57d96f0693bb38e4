import { z } from 'zod';
import { LocationKey, ResourceKey, ResourceKind } from '../vocabulary.js';

/** When an environment that was migrated is removed at the location that it came from. */
export const MigrationRemoval = z.discriminatedUnion('when', [
  /** As soon as its copy is healthy and counts. */
  z.strictObject({ when: z.literal('after-healthy') }),
  /** So long after its copy began to count. */
  z.strictObject({
    when: z.literal('after'),
    seconds: z
      .int()
      .min(1)
      .max(30 * 86_400),
  }),
  /** When somebody asks for it. */
  z.strictObject({ when: z.literal('by-hand') }),
]);
export type MigrationRemoval = z.infer<typeof MigrationRemoval>;

/** A resource of the location that is left and the one that stands for it at the other. */
export const MappedResource = z.strictObject({ from: ResourceKey, to: ResourceKey, kind: ResourceKind });
export type MappedResource = z.infer<typeof MappedResource>;

/** Number of a migration of this location: 1 for the first one. */
export const MigrationNumber = z.int().min(1);

const one = { location: LocationKey, migration: MigrationNumber };

/** Events of a migration; they stand in the stream of the location that is left. */
export const migrationEvents = {
  MigrationStarted: {
    version: 1,
    doc: 'Everything of this location is to go to another one; the resources say what stands for what there.',
    data: z.strictObject({
      ...one,
      to: LocationKey,
      resources: z.array(MappedResource).min(1).max(200),
      removal: MigrationRemoval,
    }),
  },
  MigrationStopped: {
    version: 1,
    doc: 'No further environment is copied, counted elsewhere or removed until the migration is resumed.',
    data: z.strictObject(one),
  },
  MigrationResumed: {
    version: 1,
    doc: 'The migration goes on, and what could not be copied is tried again.',
    data: z.strictObject(one),
  },
  MigrationRemovalRequested: {
    version: 1,
    doc: 'Somebody said that old environments may go as soon as their copies are healthy.',
    data: z.strictObject(one),
  },
  MigrationRemovalBegun: {
    version: 1,
    doc: 'The first old environment is about to be removed: from here on there is no way back.',
    data: z.strictObject(one),
  },
  MigrationReverted: {
    version: 1,
    doc: 'The migration was given up before anything was removed: the copies go, this location stays.',
    data: z.strictObject(one),
  },
  MigrationCompleted: {
    version: 1,
    doc: 'Nothing is left at this location: what names its resources means those of the other one.',
    data: z.strictObject({ ...one, to: LocationKey, environments: z.int().min(0) }),
  },
} as const;

export type MigrationPhase = 'running' | 'stopped' | 'reverted' | 'completed';

/** The newest migration of a location. */
export interface MigrationState {
  readonly number: number;
  readonly to: string;
  readonly resources: readonly MappedResource[];
  readonly removal: MigrationRemoval;
  readonly phase: MigrationPhase;
  /** Whether an old environment was or is being removed: it can no longer be reverted. */
  readonly removalBegun: boolean;
}

/** The migration that releases must mind: it goes on, waits, or is done; undefined for none and for one given up. */
export function migrationInForce({
  migration,
}: {
  readonly migration: MigrationState | null;
}): MigrationState | undefined {
  return migration && migration.phase !== 'reverted' ? migration : undefined;
}
