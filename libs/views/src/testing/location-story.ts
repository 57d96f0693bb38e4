import { locationDecider, locationStreamOf, type LocationCommand, type LocationState } from '@waybill/domain';
import type { Actor } from '@waybill/kernel';
import { hex } from './samples.js';
import { ADMIN, operatorOf, type Tell } from './telling.js';

/** A location with Git delivery and one kubernetes resource, as its stream would say. */
export const initialLocation = (location: string): LocationState => ({
  ...locationDecider.initialState,
  delivery: { kind: 'git', repository: `https://git.example/${location}.git`, branch: 'main' },
  resources: { [`kubernetes-${location}`]: { kind: 'kubernetes', parameters: {}, connection: null, retired: false } },
});

export function locationStory(tell: Tell) {
  const onLocation = (
    location: string,
    command: Pick<LocationCommand, 'type' | 'data' | 'context'>,
    actor: Actor = ADMIN,
  ) => tell(locationDecider, locationStreamOf(location), command as LocationCommand, actor);

  return {
    cluster: (location: string) =>
      onLocation(location, {
        type: 'OnboardLocation',
        data: { location, delivery: { kind: 'cluster' } },
        context: undefined,
      }),

    location: (location: string) =>
      onLocation(location, {
        type: 'OnboardLocation',
        data: {
          location,
          delivery: { kind: 'git', repository: `https://git.example/${location}.git`, branch: 'main' },
        },
        context: undefined,
      }),

    changeLocation: (location: string, branch: string) =>
      onLocation(location, {
        type: 'ChangeLocation',
        data: { location, delivery: { kind: 'git', repository: `https://git.example/${location}.git`, branch } },
        context: undefined,
      }),

    retireLocation: (location: string) =>
      onLocation(location, { type: 'RetireLocation', data: { location }, context: undefined }),

    resource: (location: string, kind: 'kubernetes' | 'istio' = 'kubernetes', resource = `${kind}-${location}`) =>
      onLocation(location, {
        type: 'OnboardResource',
        data: { location, resource, kind, parameters: { namespace: 'shop' }, connection: null },
        context: { elsewhere: null },
      }),

    migrate: (location: string, to: string, target: LocationState) =>
      onLocation(location, {
        type: 'StartMigration',
        data: { location, to, map: {}, removal: { when: 'by-hand' } },
        context: { target, arriving: [], occupied: [] },
      }),

    migration: (
      location: string,
      type: 'StopMigration' | 'ResumeMigration' | 'RevertMigration' | 'RequestMigrationRemoval',
    ) => onLocation(location, { type, data: { location }, context: undefined }),

    beginRemoval: (location: string) =>
      onLocation(location, {
        type: 'BeginMigrationRemoval',
        data: { location, migration: 1 },
        context: undefined,
      }),

    completeMigration: (location: string) =>
      onLocation(location, {
        type: 'CompleteMigration',
        data: { location, migration: 1, environments: 0 },
        context: undefined,
      }),

    changeResource: (location: string, parameters: Record<string, string>) =>
      onLocation(location, {
        type: 'ChangeResource',
        data: { location, resource: `kubernetes-${location}`, kind: 'kubernetes', parameters, connection: 'vault/x' },
        context: undefined,
      }),

    retireResource: (location: string, resource = `kubernetes-${location}`) =>
      onLocation(location, { type: 'RetireResource', data: { location, resource }, context: undefined }),

    connect: (location: string, epoch: number, capabilities = ['git']) =>
      onLocation(
        location,
        {
          type: 'RecordOperatorConnected',
          data: { location, epoch, software: 'waybill 0.1.0', capabilities },
          context: undefined,
        },
        operatorOf(location),
      ),

    hear: (location: string, epoch: number) =>
      onLocation(
        location,
        { type: 'RecordOperatorHeard', data: { location, epoch }, context: undefined },
        operatorOf(location),
      ),

    resync: (location: string, epoch: number) =>
      onLocation(
        location,
        {
          type: 'RecordLocationResynced',
          data: {
            location,
            epoch,
            digest: hex('d', 64),
            environments: 1,
            corrected: [{ environment: { project: 'a', slot: 'dev', location }, generation: 1, by: 'published' }],
            further: 0,
          },
          context: undefined,
        },
        operatorOf(location),
      ),

    silence: (location: string, epoch: number) =>
      onLocation(
        location,
        { type: 'RecordOperatorSilent', data: { location, epoch }, context: undefined },
        operatorOf(location),
      ),
  };
}
