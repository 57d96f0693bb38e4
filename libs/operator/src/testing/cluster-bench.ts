import {
  type Channel,
  type DeploymentReport,
  Report,
  createInProcessChannel,
  createMemoryRetained,
} from '@waybill/channel';
import { type Gathering, gather } from '@waybill/channel/testing';
import { type EnvironmentId, deploymentDecider, environmentName } from '@waybill/domain';
import { type ClusterOperatorOptions, type RunningClusterOperator, startClusterOperator } from '../cluster/operator.js';
import { type Release, asRelease, releaseName, releaseReference } from '../release-resource/release.js';
import { type MemoryCluster, createMemoryCluster } from './memory-cluster.js';
import { type Rollouts, rollOut } from './rollouts.js';

type Phase = DeploymentReport['observation']['phase'];

export const NAMESPACE = 'waybill-system';

/** An operator on a cluster in memory, and a ledger's side of the channel that only listens. */
export interface ClusterBench {
  readonly memory: MemoryCluster;
  readonly rollouts: Rollouts;
  readonly channel: Channel;
  readonly reports: Gathering<Report>;
  readonly lines: readonly string[];
  start(options?: Partial<ClusterOperatorOptions>): RunningClusterOperator;
  release(environment: EnvironmentId): Release | undefined;
  /** Resolves with the Release once it says so; looked at after every write. */
  until(environment: EnvironmentId, holds: (release: Release) => boolean): Promise<Release>;
  heard(phase: Phase, count?: number): Promise<readonly Report[]>;
  /** Lists of served kinds that were told, once there are so many. */
  connected(count: number): Promise<readonly (readonly string[])[]>;
  /** A channel of its own for another process; its reports are heard as well. */
  secondChannel(): Channel;
  /** Resolves when a line with one of the words is logged from now on. */
  logged(...words: string[]): Promise<void>;
  dispose(): Promise<void>;
}

export function clusterBench(): ClusterBench {
  const memory = createMemoryCluster();
  const rollouts = rollOut(memory);
  const open = (): Channel => createInProcessChannel({ retained: createMemoryRetained() });
  const reports = gather<Report>();
  const lines: string[] = [];
  const listening = new Set<(line: string) => void>();
  const note = (line: string): void => {
    lines.push(line);
    listening.forEach((listen) => listen(line));
  };
  const stop = new AbortController();
  const channels: Channel[] = [];
  const consumed: Promise<void>[] = [];
  const listenTo = (opened: Channel): Channel => {
    channels.push(opened);
    consumed.push(
      opened.consumeReports((batch) => reports.addAll(batch.map((report) => Report.parse(report))), stop.signal),
    );
    return opened;
  };
  const channel = listenTo(open());
  const operators: RunningClusterOperator[] = [];
  const looking = new Set<() => void>();
  memory.onWritten(() => looking.forEach((look) => look()));

  const release = (environment: EnvironmentId): Release | undefined => {
    const live = memory.get(releaseReference(NAMESPACE, releaseName(environment)));
    return live && asRelease(live);
  };

  return {
    memory,
    rollouts,
    channel,
    reports,
    lines,
    start(options = {}) {
      const operator = startClusterOperator({
        channel,
        cluster: memory.connect(),
        location: 'here',
        namespace: NAMESPACE,
        software: 'waybill test',
        identity: 'operator-1',
        log: { info: note, warn: note, error: note },
        driftResyncMs: 3_600_000,
        retryDelayMs: () => 1,
        settleMs: 0,
        ...options,
      });
      operators.push(operator);
      return operator;
    },
    release,
    until(environment, holds) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = release(environment);
          if (!found || !holds(found)) return;
          looking.delete(look);
          resolve(found);
        };
        looking.add(look);
        look();
      });
    },
    async heard(phase, count = 1) {
      for (;;) {
        const all = reports.all();
        if (
          all.filter((report) => report.kind === 'deployment' && report.observation.phase === phase).length >= count
        ) {
          return all;
        }
        await reports.first(all.length + 1);
      }
    },
    async connected(count) {
      for (;;) {
        const all = reports.all();
        const lists = all.flatMap((report) => (report.kind === 'connected' ? [report.capabilities] : []));
        if (lists.length >= count) return lists;
        await reports.first(all.length + 1);
      }
    },
    secondChannel: () => listenTo(open()),
    logged(...words) {
      return new Promise((resolve) => {
        const listen = (line: string): void => {
          if (!words.some((word) => line.includes(word))) return;
          listening.delete(listen);
          resolve();
        };
        listening.add(listen);
      });
    },
    async dispose() {
      for (const operator of operators) await operator.stop();
      stop.abort();
      await Promise.all(consumed);
      for (const opened of channels) await opened.close();
    },
  };
}

/** Whether the Release stands at the step, with the generation that was given or its newest one. */
export const step =
  (wanted: string, generation?: number) =>
  ({ spec, status }: Release): boolean =>
    status?.step === wanted && status.observedLedgerGeneration === (generation ?? spec.generation);

/** What the ledger would record of the reports about one generation: each change once. */
export function recorded(all: readonly Report[], environment: EnvironmentId, generation: number): string[] {
  let state = deploymentDecider.initialState;
  const events: string[] = [];
  for (const report of all) {
    if (report.kind !== 'deployment' || report.generation !== generation) continue;
    if (environmentName(report.environment) !== environmentName(environment)) continue;
    const { epoch, seq, observation, release } = report;
    const data = { environment, generation, release, epoch, seq, observation };
    const metadata = { commandId: 'c', now: report.occurredAt } as never;
    for (const event of deploymentDecider.decide({ type: 'RecordReport', data, metadata } as never, state)) {
      state = deploymentDecider.evolve(state, event);
      events.push(event.type);
    }
  }
  return events;
}
