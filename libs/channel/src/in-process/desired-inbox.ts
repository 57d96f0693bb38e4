import { type EnvironmentId, environmentName } from '@waybill/domain';
import { type DesiredRecord, compareRecords } from '../desired-state.js';

/**
 * What one consumer of a location still has to see. Holds the newest record of each environment only, in the order in
 * which environments first came in, and never gives out one that is not newer than the last one it gave.
 */
export interface DesiredInbox {
  /** `again`: also when the very same was given before. */
  add(record: DesiredRecord, again?: boolean): void;
  /** The environment was retired: what waits of it up to this generation is not given any more. */
  retire(environment: EnvironmentId, generation: number): void;
  takeRetired(): string | undefined;
  take(): DesiredRecord | undefined;
  /** Resolves when there is something to take or {@link close} was called. */
  ready(): Promise<void>;
  close(): void;
}

export function createDesiredInbox(): DesiredInbox {
  const waiting = new Map<string, DesiredRecord>();
  const given = new Map<string, Pick<DesiredRecord, 'generation' | 'directive'>>();
  const retired = new Set<string>();
  let wake: (() => void) | undefined;
  let closed = false;

  const rouse = (): void => {
    wake?.();
    wake = undefined;
  };

  return {
    add(record, again = false) {
      const key = environmentName(record.environment);
      // What waits is newer than what was given.
      const newest = waiting.get(key) ?? given.get(key);
      const news = newest ? compareRecords(record, newest) : 1;
      if (news < 0 || (news === 0 && !again)) return;
      waiting.set(key, record);
      rouse();
    },
    retire(environment, generation) {
      const key = environmentName(environment);
      if ((waiting.get(key)?.generation ?? 0) > generation) return;
      waiting.delete(key);
      retired.add(key);
      rouse();
    },
    takeRetired() {
      for (const key of retired) {
        retired.delete(key);
        return key;
      }
      return undefined;
    },
    take() {
      for (const [key, record] of waiting) {
        waiting.delete(key);
        given.set(key, { generation: record.generation, directive: record.directive });
        return record;
      }
      return undefined;
    },
    ready() {
      if (closed || waiting.size + retired.size > 0) return Promise.resolve();
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    close() {
      closed = true;
      rouse();
    },
  };
}
