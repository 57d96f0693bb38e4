import type { LocationRow, ResourceRow } from '@waybill/views';
import type * as Api from '../graphql.gen.js';

export function toLocation({ key, delivery, retired, resources, operator }: LocationRow): Api.Location {
  return { key, delivery, retired, resources: resources.map(toResource), operator };
}

export function toResource({ key, kind, location, parameters, connection, retired }: ResourceRow): Api.Resource {
  return { key, kind, location, parameters, connection, retired };
}
