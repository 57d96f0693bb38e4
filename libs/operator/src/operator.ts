import { type Capabilities, type Deliverer, type Drift, RejectedError } from '@waybill/adapters';
import type { Channel, DesiredRecord } from '@waybill/channel';
import { environmentName, machineText } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import { createDriftWatch } from './drift-watch.js';
import { type OperatorLog, logLine, traceOf } from './log.js';
import { reconcile } from './reconcile.js';
import { createReporter } from './reporter.js';
import { createWorkQueue } from './work-queue.js';

export interface OperatorOptions {
  readonly channel: Pick<Channel, 'consumeDesired' | 'report'>;
  readonly location: string;
  /** Stays the caller's: the operator does not close it. */
  readonly delivery: Deliverer;
  /** Name and version that the ledger shows for this operator. */
  readonly software: string;
  readonly now?: () => Date;
  /** Milliseconds between two looks for drift; 0 looks only when asked. */
  readonly driftIntervalMs: number;
  readonly log: OperatorLog;
  /** The highest epoch the ledger knows of this location. */
  readonly lastEpoch?: number;
  /** Milliseconds to wait after the given failed attempt; 1 s doubling up to 5 minutes when not given. */
  readonly retryDelayMs?: (attempt: number) => number;
}

export interface RunningOperator {
  /** max(now in ms, lastEpoch + 1). */
  readonly epoch: number;
  /** Finishes the commits that have begun and reports them. Resolves when nothing runs any more. */
  stop(): Promise<void>;
  /** Resolves after `stop`; rejects when the channel ends delivery of the location. */
  readonly done: Promise<void>;
  /** Looks for drift now, and resolves with it once the ledger knows. */
  checkDrift(): Promise<readonly Drift[]>;
}

/** Environments of one location that are reconciled beside each other. */
const PARALLEL = 4;

/**
 * Starts the operator of one location: reads its desired records to the end, then keeps the target at them and reports
 * what it does. It keeps nothing itself: after a restart the channel tells again what is desired, and the target what
 * it holds.
 */
export function startOperator(options: OperatorOptions): RunningOperator {
  const { channel, location, delivery, software, log, driftIntervalMs, now = () => new Date() } = options;
  const { retryDelayMs = (attempt) => Math.min(1000 * 2 ** (attempt - 1), 300_000) } = options;
  const epoch = Math.max(now().getTime(), (options.lastEpoch ?? -1) + 1);
  const ending = new AbortController();
  const reporter = createReporter({ channel, location, epoch, now, stopping: ending.signal });
  const drift = createDriftWatch({ delivery, reporter, now, log });
  const desired = new Map<string, DesiredRecord>();
  const queue = createWorkQueue({ limit: PARALLEL, work, delayMs: retryDelayMs });
  let capabilities: Capabilities = { served: [] };
  let caughtUp = false;
  let looking: Promise<unknown> = Promise.resolve();

  async function work(name: string, attempt: number): Promise<void> {
    const record = desired.get(name)!;
    const reports: Promise<void>[] = [];
    try {
      const result = await reconcile(record, {
        delivery,
        capabilities,
        stopping: ending.signal,
        report: (observation) => void reports.push(reporter.note(record, observation)),
      });
      if (result.conclusion === null) return;
      const { conclusion, alreadyThere } = result;
      // Before the report: whoever has read it may ask for drift at once.
      if (conclusion.phase === 'removed') drift.forget(record);
      else drift.delivered(record, !alreadyThere);
      await Promise.all([...reports, reporter.send(record, conclusion)]);
      const { phase, ...more } = conclusion;
      log.info(logLine(alreadyThere ? `${phase} already` : phase, { ...traceOf(record), ...more }));
    } catch (error) {
      if (error instanceof RejectedError) await reject(record, error);
      else await delay(record, attempt, error);
    }
  }

  async function reject(record: DesiredRecord, error: RejectedError): Promise<void> {
    const message = machineText(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`);
    log.warn(logLine('rejected', { ...traceOf(record), reason: error.reason, message }));
    await reporter.send(record, { phase: 'rejected', reason: error.reason, message });
  }

  /** Tells the ledger that it goes on, and lets the queue try again by rejecting with the fault. */
  async function delay(record: DesiredRecord, attempt: number, fault: unknown): Promise<never> {
    const { code } = fault as { code?: unknown };
    const reason = typeof code === 'string' ? code.slice(0, 100) : 'Unexpected';
    const message = machineText(fault instanceof Error ? fault.message : String(fault));
    // The words of a fault nobody foresaw do not say where it came from.
    const stack = fault instanceof WaybillError ? undefined : (fault as { stack?: string }).stack;
    log.warn(logLine('delayed', { ...traceOf(record), attempt, reason, message, stack }));
    const told = reporter.send(record, { phase: 'delayed', attempt, reason, message });
    await told.catch((error: unknown) => log.warn(logLine('cannot report', { location, message: String(error) })));
    throw fault;
  }

  function accept(record: DesiredRecord): void {
    const name = environmentName(record.environment);
    if ((desired.get(name)?.generation ?? 0) >= record.generation) return;
    desired.set(name, record);
    // Before the end of what is retained is read, a newer generation of the same environment may still come.
    if (caughtUp) queue.add(name);
  }

  function check(): Promise<readonly Drift[]> {
    const checked = drift.check();
    looking = checked.catch(() => undefined);
    return checked;
  }

  async function run(): Promise<void> {
    capabilities = await delivery.capabilities();
    reporter
      .connected(software, capabilities.served)
      .catch((error: unknown) => log.warn(logLine('cannot report', { location, message: String(error) })));
    await channel.consumeDesired(
      location,
      {
        handle: (record) => Promise.resolve(accept(record)),
        onCaughtUp() {
          log.info(logLine('connected', { location, epoch, environments: desired.size, software }));
          caughtUp = true;
          for (const name of desired.keys()) queue.add(name);
        },
      },
      ending.signal,
    );
  }

  const timer =
    driftIntervalMs > 0
      ? setInterval(() => {
          check().catch((error: unknown) =>
            log.warn(logLine('cannot look for drift', { location, message: String(error) })),
          );
        }, driftIntervalMs)
      : undefined;

  const done = run().finally(async () => {
    ending.abort();
    clearInterval(timer);
    await queue.stop();
    await looking;
    log.info(logLine('stopped', { location, epoch }));
  });
  // A caller that only ever stops the operator has heard of its failure through the log.
  done.catch((error: unknown) => log.error(logLine('ended', { location, epoch, message: String(error) })));

  return {
    epoch,
    done,
    checkDrift: check,
    async stop() {
      ending.abort();
      await done.catch(() => undefined);
    },
  };
}
