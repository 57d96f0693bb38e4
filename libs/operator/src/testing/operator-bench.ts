import { type Deliverer, createGitDelivery } from '@waybill/adapters';
import { type TestRepository, testRepository } from '@waybill/adapters/testing';
import {
  type Channel,
  type DeploymentReport,
  Report,
  createInProcessChannel,
  createMemoryRetained,
} from '@waybill/channel';
import { type Gathering, gather } from '@waybill/channel/testing';
import type { EnvironmentId } from '@waybill/domain';
import { type OperatorOptions, type RunningOperator, startOperator } from '../operator.js';

type Phase = DeploymentReport['observation']['phase'];

/** Operators at work for a test: a ledger's side of the channel that only listens, and a real repository. */
export interface OperatorBench extends TestRepository {
  readonly channel: Channel;
  /** What the present ledger has heard. */
  readonly reports: Gathering<Report>;
  /** What the operators have logged. */
  readonly lines: readonly string[];
  delivery(): Deliverer;
  /** An operator of location `here` that delivers to the repository, unless told otherwise. */
  start(options?: Partial<OperatorOptions>): RunningOperator;
  /** Waits until the ledger has heard the phase `count` times, and gives everything it has heard. */
  heard(phase: Phase, count?: number): Promise<readonly Report[]>;
  /** Stops the operators and starts the ledger anew, with its retained records or without. */
  restart(options?: { readonly forget?: boolean }): Promise<void>;
  /** A new ledger, as if the process had been killed: operators that run keep what they have, and are not heard. */
  killLedger(): void;
}

interface OpenLedger {
  readonly channel: Channel;
  readonly reports: Gathering<Report>;
  close(): Promise<void>;
}

export async function operatorBench(): Promise<OperatorBench> {
  const repository = await testRepository();
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  let retained = createMemoryRetained();
  let operators: RunningOperator[] = [];
  const deliveries: Deliverer[] = [];
  const ledgers: OpenLedger[] = [];
  let ledger = openLedger();

  function openLedger(): OpenLedger {
    const channel = createInProcessChannel({ retained });
    const reports = gather<Report>();
    const stop = new AbortController();
    // Parsed: what an operator sends must pass the published schema.
    const consumed = channel.consumeReports(
      (batch) => reports.addAll(batch.map((report) => Report.parse(report))),
      stop.signal,
    );
    const opened = {
      channel,
      reports,
      async close() {
        stop.abort();
        await consumed;
        await channel.close();
      },
    };
    ledgers.push(opened);
    return opened;
  }

  async function end(): Promise<void> {
    for (const operator of operators) await operator.stop();
    operators = [];
    for (const delivery of deliveries.splice(0)) await delivery.close();
    for (const opened of ledgers.splice(0)) await opened.close();
  }

  function delivery(): Deliverer {
    const created = createGitDelivery({ repository: repository.path, branch: 'main' });
    deliveries.push(created);
    return created;
  }

  return {
    ...repository,
    get channel() {
      return ledger.channel;
    },
    get reports() {
      return ledger.reports;
    },
    lines,
    delivery,
    start(options = {}) {
      const operator = startOperator({
        channel: ledger.channel,
        location: 'here',
        delivery: options.delivery ?? delivery(),
        software: 'waybill test',
        driftIntervalMs: 0,
        retryDelayMs: () => 1,
        log: { info: note, warn: note, error: note },
        ...options,
      });
      operators.push(operator);
      return operator;
    },
    async heard(phase, count = 1) {
      for (;;) {
        const all = ledger.reports.all();
        const heard = all.filter((report) => report.kind === 'deployment' && report.observation.phase === phase);
        if (heard.length >= count) return all;
        await ledger.reports.first(all.length + 1);
      }
    },
    async restart({ forget = false } = {}) {
      await end();
      if (forget) retained = createMemoryRetained();
      ledger = openLedger();
    },
    killLedger() {
      operators = [];
      ledger = openLedger();
    },
    async dispose() {
      await end();
      await repository.dispose();
    },
  };
}

/** The reports about one generation of one environment, in the order in which they came. */
export function about(all: readonly Report[], environment: EnvironmentId, generation: number): DeploymentReport[] {
  return all.filter(
    (report): report is DeploymentReport =>
      report.kind === 'deployment' &&
      report.environment.project === environment.project &&
      report.environment.location === environment.location &&
      report.generation === generation,
  );
}

export const phases = (reports: readonly DeploymentReport[]): Phase[] =>
  reports.map(({ observation }) => observation.phase);

/** A delivery whose `apply` waits, before or after its commit, until it is let go. */
export function held(inner: Deliverer, when: 'before' | 'after') {
  const reached = gather<number>();
  const released = gather<true>();
  const deliverer: Deliverer = {
    ...inner,
    async apply(record, plan) {
      const earlier = when === 'after' ? await inner.apply(record, plan) : undefined;
      await reached.add(record.generation);
      await released.first(1);
      return earlier ?? inner.apply(record, plan);
    },
  };
  return { deliverer, reached, release: () => void released.add(true) };
}
