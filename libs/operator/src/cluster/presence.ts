import {
  type Channel,
  HEARTBEAT_INTERVAL_MS,
  type LocationReport,
  MAX_RESYNC_ENVIRONMENTS,
  type StandingEnvironment,
  resyncDigest,
  sortedByName,
} from '@waybill/channel';
import { setTimeout as wait } from 'node:timers/promises';
import { type OperatorLog, logLine } from '../log.js';
import { type Release, environmentOf } from '../release-resource/release.js';
import { isAsAsked } from './edited.js';

/** Tells the ledger that the operator is there, and what stands with it. */
export interface Presence {
  /** What stands here is told now: everything retained has been read, or something of it was lost. */
  changed(): void;
  /** The cluster serves these kinds from now on. */
  serves(capabilities: readonly string[]): void;
}

export interface PresenceOptions {
  readonly channel: Pick<Channel, 'report'>;
  readonly location: string;
  readonly epoch: number;
  readonly software: string;
  /** Kinds that the cluster serves. */
  readonly capabilities: readonly string[];
  /** What a person has changed since counts as lacking: the ledger sends it again. */
  readonly standing: () => readonly Release[];
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly log: OperatorLog;
  readonly retryDelayMs: (attempt: number) => number;
}

const RESYNC_INTERVAL_MS = 3_600_000;

/** Most of the served kinds that a report can carry. */
const MAX_CAPABILITIES = 500;

export function startPresence(options: PresenceOptions): Presence {
  const { channel, location, epoch, software, standing, signal, now, log, retryDelayMs } = options;
  const schema = 'waybill.dev/report/v1';
  let telling: Promise<void> | undefined;
  let tellAgain = false;
  let { capabilities } = options;

  const head = () => ({ schema, location, epoch, occurredAt: now().toISOString() }) as const;

  /** Until it has arrived: the ledger asks for nothing that it was not told. */
  async function insist(report: () => LocationReport): Promise<boolean> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await channel.report(report());
        return true;
      } catch (error) {
        log.warn(logLine('cannot report', { location, attempt, message: String(error) }));
        await wait(retryDelayMs(attempt), undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }

  async function resync(): Promise<void> {
    const environments = standing()
      .filter(({ spec }) => isAsAsked(spec))
      .map(standingEnvironment)
      .slice(0, MAX_RESYNC_ENVIRONMENTS);
    const digest = resyncDigest(environments);
    // In full each time: a ledger that was started meanwhile knows of no earlier list.
    await insist(() => ({ ...head(), kind: 'resync', digest, environments: sortedByName(environments) }));
  }

  /** Once for all who ask while one is on its way. */
  function tell(): void {
    if (telling) {
      tellAgain = true;
      return;
    }
    telling = resync().finally(() => {
      telling = undefined;
      if (!tellAgain) return;
      tellAgain = false;
      tell();
    });
  }

  /** The next one comes soon: one that is lost is not repeated. */
  const beat = (): void => {
    channel
      .report({ ...head(), kind: 'heartbeat' })
      .catch((error: unknown) => log.warn(logLine('no heartbeat', { location, message: String(error) })));
  };

  /** Each attempt tells what is served by then: an older list that is told late would stand for the newer one. */
  const introduce = (): void =>
    void insist(() => ({
      ...head(),
      kind: 'connected',
      software,
      capabilities: capabilities.slice(0, MAX_CAPABILITIES),
    }));
  introduce();
  const heartbeats = setInterval(beat, HEARTBEAT_INTERVAL_MS);
  const resyncs = setInterval(tell, RESYNC_INTERVAL_MS);
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(heartbeats);
      clearInterval(resyncs);
    },
    { once: true },
  );

  return {
    changed: tell,
    serves(now) {
      capabilities = now;
      introduce();
    },
  };
}

/** As the operator knows it: the last thing that happened to the generation at hand. */
export function standingEnvironment(release: Release): StandingEnvironment {
  const { spec, status } = release;
  return {
    environment: environmentOf(release),
    generation: spec.generation,
    digest: spec.digest ?? null,
    phase: status?.observedLedgerGeneration === spec.generation ? phaseOf(status) : 'accepted',
  };
}

function phaseOf(status: NonNullable<Release['status']>): StandingEnvironment['phase'] {
  if (status.drift) return 'drifted';
  if (status.outcome) return status.outcome.phase;
  if (status.delay) return 'delayed';
  if (status.rolledOutAt !== undefined) return 'rolled-out';
  if (status.appliedHash !== undefined) return 'applied';
  return status.inventoryHash === undefined ? 'accepted' : 'adapted';
}
