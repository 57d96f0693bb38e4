import { assertNever } from '@waybill/kernel';
import type { Projection } from '../projection.js';
import { locationTable, resourceId, resourceTable } from './table.js';

export const locationProjection: Projection = {
  name: 'locations',
  version: 3,
  tables: [locationTable, resourceTable],
  on: {
    location: {
      touches(event, announce) {
        announce(locationTable, event.data.location);
        if ('resource' in event.data) announce(resourceTable, resourceId(event.data.location, event.data.resource));
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
            const operator = { epoch, software: name, version, capabilities, connectedAt: event.recordedAt };
            locations.change(location, () => ({ operator, silentSince: null }));
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
          default:
            assertNever(event);
        }
      },
    },
  },
};
