import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { LocationKey, ResourceKey, ResourceKind } from '../vocabulary.js';
import { ConnectionReference, Delivery, ResourceParameters, Resynced } from './events.js';

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
};

type Input<Name extends keyof typeof locationInputs> = z.output<(typeof locationInputs)[Name]>;

export type LocationCommand =
  | Command<'OnboardLocation', Input<'OnboardLocation'>, undefined>
  | Command<'ChangeLocation', Input<'ChangeLocation'>, undefined>
  | Command<'RetireLocation', Input<'RetireLocation'>, undefined>
  /** `elsewhere`: another location that offers a resource of this key already, null when none does. */
  | Command<'OnboardResource', Input<'OnboardResource'>, { readonly elsewhere: string | null }>
  | Command<'ChangeResource', Input<'ChangeResource'>, undefined>
  | Command<'RetireResource', Input<'RetireResource'>, undefined>
  | Command<'RecordOperatorConnected', Input<'RecordOperatorConnected'>, undefined>
  | Command<'RecordOperatorSilent', Input<'RecordOperatorSilent'>, undefined>
  | Command<'RecordOperatorHeard', Input<'RecordOperatorHeard'>, undefined>
  | Command<'RecordLocationResynced', Input<'RecordLocationResynced'>, undefined>;
