import type { DesiredRecord } from './desired-state.js';
import type { Report } from './report.js';

/**
 * Desired state out, reports back. At least once in both directions; records of one environment stay in order.
 * In-process and Kafka pass the same `channelContract` (channel/testing).
 */
export interface Channel {
  /**
   * Ledger side. Resolves when the record is durable. A generation that is not above the retained one of the same
   * environment is ignored: repeating is harmless.
   */
  publish(record: DesiredRecord): Promise<void>;

  /**
   * Operator side. First every retained record of the location, then `onCaughtUp`, then live ones; `handle` is called
   * for one record at a time. A record counts as delivered when `handle` resolves; when it rejects, delivery of that
   * location stops and the promise rejects. Resolves when `signal` aborts.
   */
  consumeDesired(
    location: string,
    handlers: { handle(record: DesiredRecord): Promise<void>; onCaughtUp?(): void },
    signal: AbortSignal,
  ): Promise<void>;

  /** Operator side. Resolves when the report is durable (Kafka) or recorded (in-process). */
  report(report: Report): Promise<void>;

  /**
   * Ledger side. `handle` is given the reports of a location that wait, in order, at least one, and called again for
   * that location when it is done; it must be idempotent. Resolves when `signal` aborts.
   */
  consumeReports(handle: (reports: readonly Report[]) => Promise<void>, signal: AbortSignal): Promise<void>;

  close(): Promise<void>;
}

/** Where the in-process channel keeps the newest record of each environment across restarts. */
export interface RetainedRecords {
  /** Newest record of each environment of the location. */
  load(location: string): Promise<readonly DesiredRecord[]>;
  /** Keeps the record unless one of the same or a higher generation is there; tells whether it was kept. */
  keep(record: DesiredRecord): Promise<boolean>;
}
