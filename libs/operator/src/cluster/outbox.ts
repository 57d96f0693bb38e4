import type { Channel, DeploymentReport } from '@waybill/channel';
import type { EnvironmentId } from '@waybill/domain';
import { setTimeout as wait } from 'node:timers/promises';
import { type OperatorLog, logLine } from '../log.js';
import type { Action } from '../release-resource/release.js';

export type Sequence = Pick<Action, 'epoch' | 'seq'>;

/** Most reports of one Release that are under way at once. */
const MOST_TOGETHER = 50;

/**
 * Sends what Releases say happened. Of one Release everything goes in order, and nothing is sent before what was sent
 * before it has arrived: the ledger drops what is older than what it has.
 */
export interface Outbox {
  /** Sends the actions that have not been sent yet, after what waits already. */
  offer(name: string, environment: EnvironmentId, actions: readonly Action[]): void;
  /** Newest action of the Release that has arrived. */
  sent(name: string): Sequence | undefined;
  /** A number for an action, above every number given before and above `last`. */
  nextSeq(name: string, last: number): number;
  /** Reports that wait. */
  waiting(): number;
}

interface Line {
  reports: DeploymentReport[];
  offered: Sequence | undefined;
  sent: Sequence | undefined;
  seq: number;
  sending: boolean;
}

export interface OutboxOptions {
  readonly channel: Pick<Channel, 'report'>;
  readonly signal: AbortSignal;
  readonly log: OperatorLog;
  readonly retryDelayMs: (attempt: number) => number;
  /** Everything that the Release has said so far has arrived. */
  readonly onSent: (name: string) => void;
}

export function createOutbox({ channel, signal, log, retryDelayMs, onSent }: OutboxOptions): Outbox {
  const lines = new Map<string, Line>();

  function lineOf(name: string): Line {
    const line = lines.get(name) ?? { reports: [], offered: undefined, sent: undefined, seq: 0, sending: false };
    lines.set(name, line);
    return line;
  }

  async function drain(name: string, line: Line): Promise<void> {
    line.sending = true;
    for (let attempt = 1; line.reports.length > 0 && !signal.aborted;) {
      // Handed over in one turn they travel, and are recorded, together: all of them or none.
      const batch = line.reports.slice(0, MOST_TOGETHER);
      try {
        await Promise.all(batch.map((report) => channel.report(report)));
        line.reports.splice(0, batch.length);
        const { epoch, seq } = batch.at(-1)!;
        line.sent = { epoch, seq };
        attempt = 1;
      } catch (error) {
        log.warn(logLine('cannot report', { release: name, attempt, message: String(error) }));
        await wait(retryDelayMs(attempt++), undefined, { signal }).catch(() => undefined);
      }
    }
    line.sending = false;
    if (!signal.aborted) onSent(name);
  }

  return {
    offer(name, environment, actions) {
      const line = lineOf(name);
      const fresh = actions.filter((action) => isAfter(action, line.offered));
      if (fresh.length === 0) return;
      line.offered = fresh.at(-1)!;
      line.reports.push(...fresh.map((action) => reportOf(environment, action)));
      if (!line.sending) void drain(name, line);
    },
    sent: (name) => lines.get(name)?.sent,
    nextSeq(name, last) {
      const line = lineOf(name);
      line.seq = Math.max(line.seq, last) + 1;
      return line.seq;
    },
    waiting: () => [...lines.values()].reduce((sum, { reports }) => sum + reports.length, 0),
  };
}

/** Whether the action is newer: by the operator that took it, then by its number. */
export const isAfter = (action: Sequence, other: Sequence | undefined): boolean =>
  other === undefined || action.epoch > other.epoch || (action.epoch === other.epoch && action.seq > other.seq);

const reportOf = (
  environment: EnvironmentId,
  { generation, releaseId, epoch, seq, occurredAt, observation }: Action,
): DeploymentReport => ({
  schema: 'waybill.dev/report/v1',
  kind: 'deployment',
  environment,
  generation,
  release: releaseId ?? null,
  epoch,
  seq,
  occurredAt,
  observation,
});
