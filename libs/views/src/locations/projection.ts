import { assertNever } from '@waybill/kernel';
import type { LocationEvent } from '@waybill/domain';
import type { Fact, Projection } from '../projection.js';
import type { RowOf } from '../table.js';
import { locationTable, migrationId, migrationTable, resourceId, resourceTable } from './table.js';

type MigrationEvent = Extract<Fact<LocationEvent>, { readonly data: { readonly migration: number } }>;

function migrationChange(event: MigrationEvent): Partial<RowOf<typeof migrationTable.columns>> | undefined {
  switch (event.type) {
    case 'MigrationStopped':
      return { phase: 'stopped' };
    case 'MigrationResumed':
      return { phase: 'running' };
    case 'MigrationRemovalRequested':
      return { removal: { when: 'after-healthy' } };
    case 'MigrationRemovalBegun':
      return { removalBegun: true };
    case 'MigrationReverted':
      return { phase: 'reverted', finishedAt: event.recordedAt };
    case 'MigrationCompleted':
      return { phase: 'completed', finishedAt: event.recordedAt };
    case 'MigrationStarted':
      return undefined;
    default:
      return assertNever(event);
  }
}

export const locationProjection: Projection = {
  name: 'locations',
  version: 4,
  tables: [locationTable, resourceTable, migrationTable],
  on: {
    location: {
      touches(event, announce) {
        announce(locationTable, event.data.location);
        if ('resource' in event.data) announce(resourceTable, resourceId(event.data.location, event.data.resource));
        if ('migration' in event.data) {
          announce(migrationTable, migrationId(event.data.location, event.data.migration));
        }
      },
      project(event, rows) {
        const locations = rows.of(locationTable);
        const resources = rows.of(resourceTable);
        switch (event.type) {
          case 'LocationOnboarded': {
            const { location: key, delivery } = event.data;
            const known = locations.get(key);
            locations.put({
              key,
              delivery,
              retired: false,
              operator: known?.operator ?? null,
              silentSince: known?.silentSince ?? null,
            });
            return;
          }
          case 'LocationChanged': {
            const { delivery } = event.data;
            locations.change(event.data.location, () => ({ delivery }));
            return;
          }
          case 'LocationRetired':
            locations.change(event.data.location, () => ({ retired: true }));
            return;
          case 'ResourceOnboarded': {
            const { location, resource: key, kind, parameters, connection } = event.data;
            const id = resourceId(location, key);
            const onboarded = Number(event.position);
            resources.put({ id, key, kind, location, parameters, connection, retired: false, onboarded });
            return;
          }
          case 'ResourceChanged': {
            const { location, resource, kind, parameters, connection } = event.data;
            resources.change(resourceId(location, resource), () => ({ kind, parameters, connection }));
            return;
          }
          case 'ResourceRetired':
            resources.change(resourceId(event.data.location, event.data.resource), () => ({ retired: true }));
            return;
          case 'OperatorConnected': {
            const { location, epoch, software, capabilities } = event.data;
            const { name, version } = software;
            locations.change(location, ({ operator: before }) => {
              // Of the same epoch again it tells what is served now: it connected when it did.
              const connectedAt = before?.epoch === epoch ? before.connectedAt : event.recordedAt;
              return { operator: { epoch, software: name, version, capabilities, connectedAt }, silentSince: null };
            });
            return;
          }
          case 'OperatorSilent':
            locations.change(event.data.location, () => ({ silentSince: event.recordedAt }));
            return;
          case 'OperatorHeard':
            locations.change(event.data.location, () => ({ silentSince: null }));
            return;
          case 'LocationResynced':
            return;
          case 'MigrationStarted': {
            const { location, migration: number, to, resources: mapped, removal } = event.data;
            rows.of(migrationTable).put({
              id: migrationId(location, number),
              location,
              number,
              toLocation: to,
              resources: mapped,
              removal,
              phase: 'running',
              removalBegun: false,
              startedAt: event.recordedAt,
              finishedAt: null,
            });
            return;
          }
          case 'MigrationStopped':
          case 'MigrationResumed':
          case 'MigrationRemovalRequested':
          case 'MigrationRemovalBegun':
          case 'MigrationReverted':
          case 'MigrationCompleted': {
            const id = migrationId(event.data.location, event.data.migration);
            rows.of(migrationTable).change(id, () => migrationChange(event));
            return;
          }
          default:
            assertNever(event);
        }
      },
    },
  },
};
