import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { EnvironmentId, LocationKey, RepositoryUrl, ResourceKey, ResourceKind, Sha256 } from '../vocabulary.js';
import { migrationEvents } from './migration.js';
import { Software } from './software.js';
import { operatorConnectedFrom1 } from './upcast.js';

/** How a location is reached. `cluster`, `ansible` and `gateway` have an operator of their own. */
export const Delivery = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('git'),
    /** Repository that holds the location's full planned state. */
    repository: RepositoryUrl,
    branch: z.string().min(1).max(250),
  }),
  z.strictObject({ kind: z.literal('cluster') }),
  z.strictObject({ kind: z.literal('ansible') }),
  z.strictObject({ kind: z.literal('gateway') }),
]);
export type Delivery = z.infer<typeof Delivery>;

export const ResourceParameters = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/, 'a parameter name'),
  z.union([z.string().max(1000), z.number(), z.boolean()]),
);

/** Name of a connection the operator holds; never the credential itself. */
export const ConnectionReference = z
  .string()
  .regex(/^[a-z0-9][a-z0-9./_-]{0,200}$/, 'a reference such as vault/prod1')
  .nullable();

const ResourceFields = {
  location: LocationKey,
  resource: ResourceKey,
  kind: ResourceKind,
  parameters: ResourceParameters,
  connection: ConnectionReference,
};

/** What a resync put right: told to the operator again, or taken over from it. */
export const Correction = z.strictObject({
  environment: EnvironmentId,
  generation: z.int().min(1),
  by: z.enum(['published', 'recorded']),
});
export type Correction = z.infer<typeof Correction>;

/** Most corrections that one event names; the rest is counted. */
export const MAX_CORRECTIONS_NAMED = 200;

export const Resynced = {
  location: LocationKey,
  epoch: z.int().min(0),
  /** Of the operator's sorted list. */
  digest: Sha256,
  /** How many environments the operator told of. */
  environments: z.int().min(0),
  corrected: z.array(Correction).min(1).max(MAX_CORRECTIONS_NAMED),
  /** Corrections beyond the named ones. */
  further: z.int().min(0),
};

export const locationStream = defineStream(
  'location',
  'Where deployments are delivered, and the resources onboarded there.',
  {
    LocationOnboarded: {
      version: 1,
      doc: 'A location was onboarded with its way of delivery.',
      data: z.strictObject({ location: LocationKey, delivery: Delivery }),
    },
    LocationChanged: {
      version: 1,
      doc: 'The way of delivery of a location was changed.',
      data: z.strictObject({ location: LocationKey, delivery: Delivery }),
    },
    LocationRetired: {
      version: 1,
      doc: 'A location takes no more deployments.',
      data: z.strictObject({ location: LocationKey }),
    },
    ResourceOnboarded: {
      version: 1,
      doc: 'A resource was onboarded at a location.',
      data: z.strictObject(ResourceFields),
    },
    ResourceChanged: {
      version: 1,
      doc: 'Parameters or connection of a resource were changed.',
      data: z.strictObject(ResourceFields),
    },
    ResourceRetired: {
      version: 1,
      doc: 'A resource is no longer offered.',
      data: z.strictObject({ location: LocationKey, resource: ResourceKey }),
    },
    OperatorConnected: {
      version: 2,
      doc: "The location's operator connected, with its epoch and what the location can do; of the same epoch again, the location can do something else now.",
      upcast: { 1: operatorConnectedFrom1 },
      changed: { 2: 'The software became name and version, so that locations can be found by the version they run.' },
      data: z.strictObject({
        location: LocationKey,
        epoch: z.int().min(0),
        software: Software,
        capabilities: z.array(z.string().max(200)).max(500),
      }),
    },
    OperatorSilent: {
      version: 1,
      doc: "The location's operator has not been heard of for longer than it should.",
      data: z.strictObject({ location: LocationKey, epoch: z.int().min(0) }),
    },
    OperatorHeard: {
      version: 1,
      doc: 'An operator that was silent is heard of again, without having connected anew.',
      data: z.strictObject({ location: LocationKey, epoch: z.int().min(0) }),
    },
    LocationResynced: {
      version: 1,
      doc: 'What the operator says stands there differed from the ledger, and was put right.',
      data: z.strictObject(Resynced),
    },
    ...migrationEvents,
  },
);
export type LocationEvent = EventsOf<typeof locationStream.events>;
