import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { LocationKey, ResourceKey, ResourceKind } from '../vocabulary.js';
import { ConnectionReference, Delivery, ResourceParameters, Resynced } from './events.js';
import { MigrationNumber, MigrationRemoval } from './migration.js';
import type { LocationState } from './state.js';

const resource = {
  location: LocationKey,
  resource: ResourceKey,
  kind: ResourceKind,
  parameters: ResourceParameters.default({}),
  connection: ConnectionReference.default(null),
};

export const locationInputs = {
  OnboardLocation: z.strictObject({ location: LocationKey, delivery: Delivery }),
  ChangeLocation: z.strictObject({ location: LocationKey, delivery: Delivery }),
  RetireLocation: z.strictObject({ location: LocationKey }),
  OnboardResource: z.strictObject(resource),
  ChangeResource: z.strictObject(resource),
  RetireResource: z.strictObject({ location: LocationKey, resource: ResourceKey }),
  RecordOperatorConnected: z.strictObject({
    location: LocationKey,
    epoch: z.int().min(0),
    software: z.string().max(100),
    capabilities: z.array(z.string().max(200)).max(500),
  }),
  RecordOperatorSilent: z.strictObject({ location: LocationKey, epoch: z.int().min(0) }),
  RecordOperatorHeard: z.strictObject({ location: LocationKey, epoch: z.int().min(0) }),
  RecordLocationResynced: z.strictObject(Resynced),
  StartMigration: z.strictObject({
    location: LocationKey,
    to: LocationKey,
    /** Resources of the one location by those of the other; what is not named is found by kind and name. */
    map: z.record(ResourceKey, ResourceKey).default({}),
    removal: MigrationRemoval.default({ when: 'after-healthy' }),
  }),
  StopMigration: z.strictObject({ location: LocationKey }),
  ResumeMigration: z.strictObject({ location: LocationKey }),
  RequestMigrationRemoval: z.strictObject({ location: LocationKey }),
  RevertMigration: z.strictObject({ location: LocationKey }),
  BeginMigrationRemoval: z.strictObject({ location: LocationKey, migration: MigrationNumber }),
  CompleteMigration: z.strictObject({
    location: LocationKey,
    migration: MigrationNumber,
    environments: z.int().min(0),
  }),
};

type Input<Name extends keyof typeof locationInputs> = z.output<(typeof locationInputs)[Name]>;

/** What a migration is checked against, beside the location that is left. */
export interface MigrationContext {
  /** The other location; null when there is none of that key. */
  readonly target: LocationState | null;
  /** Locations that are being migrated to the one that is to be left. */
  readonly arriving: readonly string[];
  /** Names of environments at the other location that would be in the way. */
  readonly occupied: readonly string[];
}

export type LocationCommand =
  | Command<'OnboardLocation', Input<'OnboardLocation'>, undefined>
  | Command<'ChangeLocation', Input<'ChangeLocation'>, undefined>
  /** `arriving`: locations that are being migrated to this one. */
  | Command<'RetireLocation', Input<'RetireLocation'>, { readonly arriving: readonly string[] } | undefined>
  /** `elsewhere`: another location that offers a resource of this key already, null when none does. */
  | Command<'OnboardResource', Input<'OnboardResource'>, { readonly elsewhere: string | null }>
  | Command<'ChangeResource', Input<'ChangeResource'>, undefined>
  | Command<'RetireResource', Input<'RetireResource'>, undefined>
  | Command<'RecordOperatorConnected', Input<'RecordOperatorConnected'>, undefined>
  | Command<'RecordOperatorSilent', Input<'RecordOperatorSilent'>, undefined>
  | Command<'RecordOperatorHeard', Input<'RecordOperatorHeard'>, undefined>
  | Command<'RecordLocationResynced', Input<'RecordLocationResynced'>, undefined>
  | Command<'StartMigration', Input<'StartMigration'>, MigrationContext>
  | Command<'StopMigration', Input<'StopMigration'>, undefined>
  | Command<'ResumeMigration', Input<'ResumeMigration'>, undefined>
  | Command<'RequestMigrationRemoval', Input<'RequestMigrationRemoval'>, undefined>
  | Command<'RevertMigration', Input<'RevertMigration'>, undefined>
  | Command<'BeginMigrationRemoval', Input<'BeginMigrationRemoval'>, undefined>
  | Command<'CompleteMigration', Input<'CompleteMigration'>, undefined>;
