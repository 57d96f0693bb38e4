import { environmentName } from '@waybill/domain';
import type { RetainedRecords } from '../channel.js';
import { type DesiredRecord, compareRecords } from '../desired-state.js';

/** Retained records that live as long as the object: for specs and for `render`. */
export function createMemoryRetained(): RetainedRecords {
  const records = new Map<string, DesiredRecord>();
  const dropped = new Map<string, number>();
  return {
    drop(environment, generation) {
      const key = environmentName(environment);
      const there = records.get(key);
      if (!there || there.generation > generation) return Promise.resolve(false);
      records.delete(key);
      dropped.set(key, generation);
      return Promise.resolve(true);
    },
    load(location) {
      return Promise.resolve([...records.values()].filter((record) => record.environment.location === location));
    },
    keep(record) {
      const key = environmentName(record.environment);
      const there = records.get(key);
      const isOld = there ? compareRecords(record, there) <= 0 : record.generation <= (dropped.get(key) ?? 0);
      if (isOld) return Promise.resolve(false);
      records.set(key, record);
      return Promise.resolve(true);
    },
  };
}
