import type { Delivery, MappedResource, MigrationRemoval, ResourceKind, ResourceParameters } from '@waybill/domain';
import type { z } from 'zod';
import { defineTable, flag, integer, json, oneOf, optionalJson, optionalText, text } from '../table.js';

/** The operator that serves a location, as it last connected. */
export interface OperatorRow {
  readonly epoch: number;
  readonly software: string;
  /** Null when it tells none. */
  readonly version: string | null;
  readonly capabilities: readonly string[];
  readonly connectedAt: string;
}

export const locationTable = defineTable({
  name: 'locations',
  key: 'key',
  columns: {
    key: text(),
    delivery: json<Delivery>(),
    retired: flag(),
    operator: optionalJson<OperatorRow>(),
    /** Since when it is silent, null while it is not; environments that wait for it say so. */
    silentSince: optionalText(),
  },
});

/**
 * Keyed by location and resource: a key that was retired in one location may be onboarded in another, and the
 * history of neither may change the other's row.
 */
export const resourceTable = defineTable({
  name: 'resources',
  key: 'id',
  columns: {
    id: text(),
    key: text(),
    kind: oneOf<ResourceKind>(),
    location: text(),
    parameters: json<z.infer<typeof ResourceParameters>>(),
    connection: optionalText(),
    retired: flag(),
    /** Position of `ResourceOnboarded`: of several rows of one key, the newest counts. */
    onboarded: integer(),
  },
  indexes: [{ columns: ['key'] }, { columns: ['location'] }],
});

export type MigrationPhaseName = 'running' | 'stopped' | 'reverted' | 'completed';

/** Keyed by the location that is left and the number of its migration. */
export const migrationTable = defineTable({
  name: 'migrations',
  key: 'id',
  columns: {
    id: text(),
    location: text(),
    number: integer(),
    toLocation: text(),
    resources: json<readonly MappedResource[]>(),
    removal: json<MigrationRemoval>(),
    phase: oneOf<MigrationPhaseName>(),
    removalBegun: flag(),
    startedAt: text(),
    finishedAt: optionalText(),
  },
  indexes: [{ columns: ['location'] }, { columns: ['toLocation'] }],
});

export const migrationId = (location: string, number: number): string => `${location}.${number}`;

export const resourceId = (location: string, resource: string): string => `${resource}@${location}`;
