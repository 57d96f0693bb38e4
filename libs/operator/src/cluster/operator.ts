import { type Cluster, holdLease } from '@waybill/adapters';
import type { Channel } from '@waybill/channel';
import type { Observation } from '@waybill/domain';
import { isWaybillError } from '@waybill/kernel';
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { type OperatorLog, logLine } from '../log.js';
import type { ReleaseDefaults } from '../release-resource/from-record.js';
import type { Release } from '../release-resource/release.js';
import { type Term, lead } from './term.js';

export interface ClusterOperatorOptions {
  readonly channel: Pick<Channel, 'consumeDesired' | 'report'>;
  /** Stays the caller's: the operator does not close it. */
  readonly cluster: Cluster;
  readonly location: string;
  /** Where the Releases and the lease are; a namespace of its own for each location of a cluster. */
  readonly namespace: string;
  /** Name and version that the ledger shows for this operator. */
  readonly software: string;
  /** Name of this process among those that want to lead. */
  readonly identity: string;
  /** No other process that lives ever has this identity: see `holdLease`. */
  readonly identityIsOurs?: boolean;
  readonly now?: () => Date;
  readonly log: OperatorLog;
  /** Milliseconds within which everything is compared with its plan once more, spread; what a watch tells is at once. */
  readonly driftResyncMs?: number;
  /** Milliseconds between two looks at what the cluster serves; a definition that changes is looked at at once. */
  readonly servedLookMs?: number;
  /** Milliseconds that a mesh is given to follow a shift of traffic before what the traffic left is taken away; 2 s. */
  readonly settleMs?: number;
  readonly defaults?: Partial<ReleaseDefaults>;
  /** The highest epoch the ledger knows of this location. */
  readonly lastEpoch?: number;
  /** Milliseconds to wait after the given failed attempt; 1 s doubling up to a minute when not given. */
  readonly retryDelayMs?: (attempt: number) => number;
  readonly lease?: { readonly leaseSeconds: number; readonly renewSeconds: number };
  readonly counts?: OperatorCounts;
}

/** Told as it happens, for `/metrics`. */
export interface OperatorCounts {
  looked?(result: 'done' | 'delayed' | 'rejected' | 'stale', seconds: number): void;
  observed?(observation: Observation): void;
}

export interface RunningClusterOperator {
  /** Finishes the write that has begun, and gives the lease back. Resolves when nothing runs any more. */
  stop(): Promise<void>;
  /** Resolves after `stop`. Rejects when the channel ends delivery of the location for good. */
  readonly done: Promise<void>;
  state(): OperatorState;
}

export interface OperatorState {
  readonly leading: boolean;
  /** Everything that the channel retains stands in Releases. */
  readonly caughtUp: boolean;
  readonly epoch: number | null;
  readonly releases: readonly Release[];
  /** Reports that wait for the channel. */
  readonly waitingReports: number;
  /** Releases that are being looked at. */
  readonly busy: number;
}

const DEFAULTS: ReleaseDefaults = { progressDeadlineSeconds: 600, driftPolicy: 'Heal' };

/** Fifteen seconds without a renewal and another one leads: what Kubernetes' own controllers take. */
const LEASE = { leaseSeconds: 15, renewSeconds: 5 };

export const LEASE_NAME = 'waybill-operator';

/**
 * Starts the operator of one cluster: it waits until it leads, reads the desired records of its location to the end,
 * keeps them in Releases and the cluster at what they say. When it loses the lease it begins anew.
 */
export function startClusterOperator(options: ClusterOperatorOptions): RunningClusterOperator {
  const { cluster, namespace, location, identity, log, now = () => new Date() } = options;
  const { retryDelayMs = (attempt) => Math.min(1000 * 2 ** (attempt - 1), 60_000) } = options;
  const ending = new AbortController();
  const known = { ...options, now, retryDelayMs, defaults: { ...DEFAULTS, ...options.defaults } };
  let term: Term | undefined;
  /** The namespace is another location's: waiting does not help. */
  let misplaced: unknown;

  /** One leadership, from waiting for it to losing it. */
  async function serve(lastEpoch: number | undefined): Promise<number> {
    const over = new AbortController();
    const signal = AbortSignal.any([ending.signal, over.signal]);
    // Every watch and every wait listens to it.
    setMaxListeners(0, signal, ending.signal);
    // Held beyond the order to stop, until the write in hand is done; only who still waits for it gives up at once.
    const given = new AbortController();
    const giveUp = (): void => {
      if (!term) given.abort();
    };
    ending.signal.addEventListener('abort', giveUp, { once: true });
    const lease = holdLease({
      cluster,
      namespace,
      name: LEASE_NAME,
      identity,
      ...(options.identityIsOurs && { identityIsOurs: true }),
      ...(options.lease ?? LEASE),
      now,
      signal: given.signal,
      location,
      waiting: (holder) => log.info(logLine('waiting for the lease', { location, identity, holder })),
      failed: (error) => log.warn(logLine('the lease', { location, identity, message: String(error) })),
      ...(lastEpoch === undefined ? {} : { lastEpoch }),
    });
    try {
      const { epoch } = await lease.acquired.catch((error: unknown) => {
        if (isWaybillError(error, 'CONFIGURATION')) misplaced = error;
        throw error;
      });
      log.info(logLine('leading', { location, epoch, identity }));
      void lease.lost.then(() => over.abort());
      term = lead({ ...known, epoch, leads: () => lease.valid(), signal });
      await term.done;
      return epoch;
    } finally {
      over.abort();
      await term?.stop();
      term = undefined;
      await lease.release();
      ending.signal.removeEventListener('abort', giveUp);
    }
  }

  async function run(): Promise<void> {
    let lastEpoch = options.lastEpoch;
    for (let attempt = 1; !ending.signal.aborted; attempt++) {
      try {
        lastEpoch = await serve(lastEpoch);
        attempt = 0;
        if (!ending.signal.aborted) log.warn(logLine('no longer leading', { location, identity }));
      } catch (error) {
        if (ending.signal.aborted) break;
        if (error === misplaced) throw error;
        log.error(logLine('the operator begins anew', { location, attempt, message: String(error) }));
        await wait(retryDelayMs(attempt), undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  }

  const done = run().finally(() => log.info(logLine('stopped', { location, identity })));
  done.catch(() => undefined);

  return {
    done,
    async stop() {
      ending.abort();
      await done.catch(() => undefined);
    },
    state: () => ({
      leading: term !== undefined,
      caughtUp: term?.caughtUp() ?? false,
      epoch: term?.epoch ?? null,
      releases: term?.releases() ?? [],
      waitingReports: term?.waitingReports() ?? 0,
      busy: term?.busy() ?? 0,
    }),
  };
}
