import { environmentName } from '@waybill/domain';
import type { RetainedRecords } from '../channel.js';
import type { DesiredRecord } from '../desired-state.js';

/** Retained records that live as long as the object: for specs and for `render`. */
export function createMemoryRetained(): RetainedRecords {
  const records = new Map<string, DesiredRecord>();
  return {
    load(location) {
      return Promise.resolve([...records.values()].filter((record) => record.environment.location === location));
    },
    keep(record) {
      const key = environmentName(record.environment);
      if ((records.get(key)?.generation ?? 0) >= record.generation) return Promise.resolve(false);
      records.set(key, record);
      return Promise.resolve(true);
    },
  };
}
