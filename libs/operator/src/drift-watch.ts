import type { Deliverer, Drift } from '@waybill/adapters';
import type { DesiredRecord } from '@waybill/channel';
import { environmentName } from '@waybill/domain';
import { type OperatorLog, logLine, traceOf } from './log.js';
import type { Reporter } from './reporter.js';

/** Looks for what was changed behind our back, and tells the ledger when it begins, changes or ends. */
export interface DriftWatch {
  /** The environment now holds the record. `fresh`: we have just brought it there, so no older drift can be left. */
  delivered(record: DesiredRecord, fresh: boolean): void;
  /** The environment was removed: there is nothing to differ from. */
  forget(record: DesiredRecord): void;
  /** One look. Overlapping calls follow each other. Resolves with what differs, once the ledger knows. */
  check(): Promise<readonly Drift[]>;
}

interface Watched {
  readonly record: DesiredRecord;
  /** What the ledger was told last: undefined when a predecessor may have told it something, '' for no drift. */
  told: string | undefined;
}

export function createDriftWatch(options: {
  readonly delivery: Pick<Deliverer, 'drift'>;
  readonly reporter: Reporter;
  readonly now: () => Date;
  readonly log: OperatorLog;
}): DriftWatch {
  const { delivery, reporter, now, log } = options;
  const watched = new Map<string, Watched>();
  let turn: Promise<unknown> = Promise.resolve();

  async function look(): Promise<readonly Drift[]> {
    const entries = [...watched.entries()];
    const drifts = await delivery.drift(entries.map(([, { record }]) => record));
    const byName = new Map(drifts.map((drift) => [environmentName(drift.environment), drift]));
    const reports: Promise<void>[] = [];
    const found: Drift[] = [];
    for (const [name, entry] of entries) {
      // Replaced while we looked: what we saw is another generation's.
      if (watched.get(name) !== entry) continue;
      const drift = byName.get(name);
      if (drift) found.push(drift);
      reports.push(tell(entry, drift));
    }
    await Promise.all(reports);
    return found;
  }

  async function tell(entry: Watched, drift: Drift | undefined): Promise<void> {
    const { record } = entry;
    const state = drift ? JSON.stringify([drift.commit, drift.paths]) : '';
    if (state === entry.told) return;
    if (drift) {
      const { paths, commit } = drift;
      log.warn(logLine('drifted', { ...traceOf(record), commit, files: paths.length, first: paths[0] }));
      await reporter.send(record, { phase: 'drifted', paths: [...paths], commit, noticedAt: now().toISOString() });
    } else {
      if (entry.told !== undefined) log.info(logLine('healed', traceOf(record)));
      await reporter.send(record, { phase: 'healed', commit: null });
    }
    entry.told = state;
  }

  return {
    delivered(record, fresh) {
      watched.set(environmentName(record.environment), { record, told: fresh ? '' : undefined });
    },
    forget(record) {
      watched.delete(environmentName(record.environment));
    },
    check() {
      const checked = turn.then(look);
      turn = checked.catch(() => undefined);
      return checked;
    },
  };
}
