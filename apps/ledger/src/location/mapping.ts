import type { LocationRow, ResourceRow } from '@waybill/views';
import type * as Api from '../graphql.gen.js';

/** The migration is looked up when it is asked for. */
export type LocationAnswer = Omit<Api.Location, 'migration'>;

export function toLocation({ key, delivery, retired, resources, operator }: LocationRow): LocationAnswer {
  return { key, delivery, retired, resources: resources.map(toResource), operator };
}

export function toResource({ key, kind, location, parameters, connection, retired }: ResourceRow): Api.Resource {
  return { key, kind, location, parameters, connection, retired };
}
