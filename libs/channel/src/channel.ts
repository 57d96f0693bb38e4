import type { EnvironmentId } from '@waybill/domain';
import type { DesiredRecord } from './desired-state.js';
import type { Report } from './report.js';

/**
 * Desired state out, reports back. At least once in both directions; records of one environment stay in order.
 * In-process and Kafka pass the same `channelContract` (channel/testing).
 */
export interface Channel {
  /**
   * Ledger side. Resolves when the record is durable. What is not newer than the retained record of the same
   * environment, by generation and then by directive, is ignored: repeating is harmless. With `again` the very record
   * that is retained goes out once more.
   */
  publish(record: DesiredRecord, options?: { readonly again?: boolean }): Promise<void>;

  /**
   * Ledger side. Lets go what is retained of an environment that was removed, unless it is of a generation above this
   * one. A generation that is not above it is ignored from then on.
   */
  retire(environment: EnvironmentId, generation: number): Promise<void>;

  /**
   * Ledger side. Those of the generations of a location's environments that are not retained, nor anything newer: what a
   * channel that lost its records has to be given again. Looks at what is there, not at what was published before.
   */
  lacking(location: string, generations: readonly RetainedGeneration[]): Promise<readonly RetainedGeneration[]>;

  /**
   * Operator side. First every retained record of the location, then `onCaughtUp`, then live ones; handlers are called
   * for one record at a time. A record counts as delivered when `handle` resolves; when it rejects, delivery of that
   * location stops and the promise rejects. Resolves when `signal` aborts.
   */
  consumeDesired(location: string, handlers: DesiredHandlers, signal: AbortSignal): Promise<void>;

  /** Operator side. Resolves when the report is durable (Kafka) or recorded (in-process). */
  report(report: Report): Promise<void>;

  /**
   * Ledger side. `handle` is given the reports of a location that wait, in order, at least one, and called again for
   * that location when it is done; it must be idempotent. Those that can never be recorded it resolves with: they are
   * put aside (Kafka) or dropped (in-process). When it rejects, consumption stops and the promise rejects; the next
   * consumer is given them again. Resolves when `signal` aborts.
   */
  consumeReports(handle: ReportsHandler, signal: AbortSignal): Promise<void>;

  /** Ledger side. Records that nobody could take and that were not retried, the oldest first. */
  deadLetters(): Promise<readonly DeadLetter[]>;

  /**
   * Ledger side. Puts the record back where it was found, as it was. Throws `NOT_FOUND` when there is no such dead
   * letter, `INVALID_STATE` when something newer stands in its place or this ledger cannot read it either.
   */
  retryDeadLetter(id: string): Promise<void>;

  close(): Promise<void>;
}

export type ReportsHandler = (reports: readonly Report[]) => Promise<void | readonly RefusedReport[]>;

/** One of the reports that were handed over, and why it can never be recorded. */
export interface RefusedReport {
  readonly report: Report;
  /** One sentence; quotes nothing of the report. */
  readonly problem: string;
}

export interface RetainedGeneration {
  readonly environment: EnvironmentId;
  readonly generation: number;
}

export interface DesiredHandlers {
  handle(record: DesiredRecord): Promise<void>;
  onCaughtUp?(): void;
  /** Everything retained was read once more: the channel was away, or lost what it had and began anew. */
  onReadAnew?(): void;
  /** The environment, by its name, was removed and the ledger knows: nothing is retained of it any more. */
  retired?(environment: string): Promise<void>;
  /** A record for this location that cannot be taken, such as one of a newer schema. It is kept as a dead letter. */
  unreadable?(record: UnreadableRecord, problem: string): Promise<void>;
}

export interface UnreadableRecord {
  readonly environment: EnvironmentId;
  readonly generation: number;
  readonly release: string | null;
}

export interface DeadLetter {
  readonly id: string;
  /** ISO 8601, UTC: when it was put aside. */
  readonly at: string;
  readonly reason: 'undecodable' | 'invalid' | 'newer-schema' | 'wrong-location' | 'wrong-key';
  /** One sentence. */
  readonly message: string;
  /** Where it was found. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  /** The beginning of the value as UTF-8. */
  readonly value: string | null;
  /** Length of the whole value. */
  readonly bytes: number;
}

/** Where the in-process channel keeps the newest record of each environment across restarts. */
export interface RetainedRecords {
  /** Newest record of each environment of the location. */
  load(location: string): Promise<readonly DesiredRecord[]>;
  /**
   * Keeps the record unless one as new or newer is there, by generation and then by directive, or one of its generation
   * or a higher one was; tells whether it was kept.
   */
  keep(record: DesiredRecord): Promise<boolean>;
  /** Drops the environment's record unless it is of a generation above this one; tells whether it did. */
  drop(environment: EnvironmentId, generation: number): Promise<boolean>;
}
