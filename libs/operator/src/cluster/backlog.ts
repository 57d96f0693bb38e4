import { type DesiredRecord, compareRecords } from '@waybill/channel';
import { environmentName } from '@waybill/domain';
import { releaseName } from '../release-resource/release.js';
import type { Inbox } from './inbox.js';
import type { ReleaseStore } from './release-store.js';

/**
 * The inbox of an operator that begins: what is retained is read to its end before any of it is taken, and of each
 * environment only the newest is. A topic that was not compacted yet tells the whole story once more, and a Release of
 * an environment that was removed long ago must not come up again in the middle of it.
 */
export interface Backlog extends Inbox {
  /** Takes what was read. Resolves when it stands in Releases; what arrives meanwhile waits for that. */
  caughtUp(): Promise<void>;
}

interface Newest {
  /** Of one generation; more than one only where they contradict each other, which is for the inbox to say. */
  readonly records: readonly DesiredRecord[];
  /** Nothing is retained of it any more, behind the records. */
  readonly retired: boolean;
}

export function createBacklog(inbox: Inbox, releases: Pick<ReleaseStore, 'get' | 'lost'>): Backlog {
  const newest = new Map<string, Newest>();
  let taken: Promise<void> | undefined;

  async function takeAll(): Promise<void> {
    for (const [environment, { records, retired }] of newest) {
      newest.delete(environment);
      // Nothing of it stands, and nothing is to stand.
      if (retired && records[0] && !isKnown(records[0])) continue;
      for (const record of records) await inbox.take(record);
      if (retired) await inbox.retired(environment);
    }
  }

  function isKnown({ environment }: DesiredRecord): boolean {
    const name = releaseName(environment);
    return (releases.get(name) ?? releases.lost(name)) !== undefined;
  }

  function keep(record: DesiredRecord): void {
    const environment = environmentName(record.environment);
    const before = newest.get(environment);
    const [known] = before?.records ?? [];
    if (before && known && known.generation >= record.generation) {
      if (known.generation > record.generation) return;
      const same = before.records.find((one) => isSame(one, record));
      // Told again with what somebody wants of its rollout.
      if (same && compareRecords(record, same) <= 0) return;
      newest.set(environment, { ...before, records: [...before.records.filter((one) => one !== same), record] });
      return;
    }
    newest.set(environment, { records: [record], retired: false });
  }

  return {
    async take(record) {
      if (!taken) return keep(record);
      await taken;
      await inbox.take(record);
    },
    async retired(environment) {
      if (!taken) {
        newest.set(environment, { records: newest.get(environment)?.records ?? [], retired: true });
        return;
      }
      await taken;
      await inbox.retired(environment);
    },
    unreadable: (record, problem) => inbox.unreadable(record, problem),
    caughtUp: () => (taken ??= takeAll()),
  };
}

const isSame = (one: DesiredRecord, other: DesiredRecord): boolean =>
  one.digest === other.digest && one.state === other.state;
