import { type OperatorLog, logLine } from '../log.js';
import { type Facts, type Release, asRelease, environmentOf, releaseReference } from '../release-resource/release.js';
import { createWorkQueue } from '../work-queue.js';
import { type Fault, LostLeaseError, STALE_TRIES, SupersededError, faultOf, isOfTheCluster } from './fault.js';
import { generationOf } from './ownership.js';
import { openPass } from './pass.js';
import { reconcile } from './reconcile.js';
import { giveUp } from './tracks/give-up.js';
import { createWake } from './wake.js';
import type { World } from './world.js';

export interface Controller {
  /** Somebody changed what is wanted: looked at at once, whatever failed before. */
  changed(name: string): void;
  /** Something in the cluster moved: looked at at once, unless it waits for another try after a fault. */
  stirred(name: string): void;
  /** Releases that are looked at or wait for it. */
  busy(): number;
  /** Finishes what has begun. */
  stop(): Promise<void>;
}

export interface ControllerOptions {
  readonly world: World;
  readonly parallel: number;
  /** Milliseconds to wait after the given failed attempt. */
  readonly retryDelayMs: (attempt: number) => number;
  readonly log: OperatorLog;
  /** How one look ended, for those who count. */
  readonly onLooked?: (result: 'done' | 'delayed' | 'rejected' | 'stale', seconds: number) => void;
}

/** Looks at each Release when it has reason to, one look of a Release at a time. */
export function createController({ world, parallel, retryDelayMs, log, onLooked }: ControllerOptions): Controller {
  const attempts = new Map<string, number>();
  /** How often in a row a Release's copies were told to be old, and reading it again showed the same. */
  const stales = new Map<string, number>();
  const names = new Set<string>();
  const wake = createWake((name) => queue.add(name));
  const queue = createWorkQueue({ limit: parallel, work, delayMs: () => 0 });

  async function work(name: string): Promise<void> {
    names.add(name);
    wake.cancel(name);
    const began = performance.now();
    let result: Parameters<NonNullable<typeof onLooked>>[0] = 'done';
    try {
      // Of a write whose answer was lost nobody knows whether it was done.
      if (world.doubts.has(name)) await readAgain(name);
      // What a predecessor wrote down and could not send goes first.
      const release = world.releases.get(name);
      if (release) world.outbox.offer(name, environmentOf(release), release.status?.actions ?? []);
      const next = await reconcile(world, name);
      attempts.delete(name);
      stales.delete(name);
      if (next !== 'wait') wake.after(name, next.afterMs);
    } catch (error) {
      result = await failed(name, error);
    }
    names.delete(name);
    onLooked?.(result, (performance.now() - began) / 1000);
  }

  async function failed(name: string, error: unknown): Promise<'delayed' | 'rejected' | 'stale'> {
    // Whoever lost the lease is stopped; who was only late to renew it goes on where he was.
    if (error instanceof LostLeaseError) {
      wake.after(name, retryDelayMs(1));
      return 'stale';
    }
    // What is newer is in the queue already.
    if (error instanceof SupersededError) {
      queue.add(name);
      return 'stale';
    }
    const attempt = (attempts.get(name) ?? 0) + 1;
    attempts.set(name, attempt);
    let fault = faultOf(error);
    try {
      const tries = fault.verdict === 'stale' ? await staleTries(name) : 0;
      if (fault.verdict === 'stale' && tries < STALE_TRIES) {
        wake.after(name, attempt === 1 ? 0 : retryDelayMs(attempt));
        return 'stale';
      }
      // A webhook may answer the same (409) for ever: somebody has to mend it.
      if (fault.verdict === 'stale') fault = { ...fault, verdict: 'bounded' };
      if ((await tell(name, attempt, fault)) === 'rejected') return 'rejected';
    } catch (telling) {
      const release = { release: name, attempt, reason: fault.reason, message: fault.message };
      log.warn(logLine('delayed, and cannot be written down', { ...release, because: faultOf(telling).message }));
      tellDirectly(name, attempt, fault);
    }
    if (fault.reason === 'Unexpected' && error instanceof Error) {
      // The words of a fault nobody foresaw do not say where it came from.
      log.error(logLine('unexpected', { release: name, stack: error.stack }));
    }
    wake.after(name, Math.max(retryDelayMs(attempt), fault.retryAfterMs));
    return 'delayed';
  }

  async function staleTries(name: string): Promise<number> {
    const versionOf = (): string | undefined => world.releases.get(name)?.metadata.resourceVersion;
    const before = versionOf();
    await readAgain(name);
    const tries = versionOf() === before ? (stales.get(name) ?? 0) + 1 : 1;
    stales.set(name, tries);
    return tries;
  }

  /** Our copy was not the newest: the watch may be behind. */
  async function readAgain(name: string): Promise<void> {
    const live = await world.cluster.get(releaseReference(world.namespace, name));
    if (live) world.releases.put(asRelease(live));
    else world.releases.gone(name);
    world.doubts.delete(name);
  }

  /** Writes the fault into the Release, for people and for the ledger. */
  async function tell(name: string, attempt: number, fault: Fault): Promise<'rejected' | 'delayed'> {
    const release = world.releases.get(name);
    if (!release) return 'delayed';
    const { reason, message, verdict } = fault;
    const pass = openPass(world, name, release, new Map());
    pass.begin();
    const { delay, outcome } = pass.facts;
    if (outcome?.phase === 'failed' || outcome?.phase === 'rejected') return 'delayed';
    const since = delay?.since ?? world.now().toISOString();
    const spentMs = world.now().getTime() - Date.parse(since);
    const over = verdict === 'bounded' && spentMs >= release.spec.progressDeadlineSeconds * 1000;
    // What runs goes on running, and a removal is never given up.
    if ((verdict === 'final' || over) && outcome === undefined && release.spec.state === 'Present') {
      if (!pass.facts.progress && !pass.facts.tracks?.leaving) {
        pass.end(hasBegun(release) ? 'failed' : 'rejected', reason, message);
        await pass.save();
        queue.add(name);
        return 'rejected';
      }
      if (canGoBack(pass.facts, reason)) {
        giveUp(pass, 'failed', reason, message);
        await pass.save();
        queue.add(name);
        return 'delayed';
      }
    }
    // The ledger records attempts 1, 2, 4, 8…: the others need not be written either.
    if (delay?.reason === reason && (attempt & (attempt - 1)) !== 0) return 'delayed';
    pass.set({ delay: { attempt, reason, message, since } });
    pass.note({ phase: 'delayed', attempt, reason, message });
    await pass.save();
    return 'delayed';
  }

  /** Not while nothing can be written that would shift traffic: then what stands stays, for as long as it takes. */
  const canGoBack = ({ progress }: Facts, reason: string): boolean =>
    progress !== undefined && !progress.returning && reason !== 'KindNotServed' && !isOfTheCluster(reason);

  /** Whether something of its generation stands already: `rejected` says that nothing was changed. */
  function hasBegun({ spec, metadata }: Release): boolean {
    return world.objects.of(metadata.name).some((object) => generationOf(object) === spec.generation);
  }

  /**
   * The API server cannot take it down: the ledger hears of it all the same. Not when actions may stand in the Release
   * that we do not know of: the ledger would take them for older than this one, and drop them.
   */
  function tellDirectly(name: string, attempt: number, { reason, message }: Fault): void {
    const release = world.releases.get(name);
    if (!release || world.doubts.has(name) || (attempt & (attempt - 1)) !== 0) return;
    const { generation, releaseId } = release.spec;
    const action = {
      generation,
      ...(releaseId === undefined ? {} : { releaseId }),
      epoch: world.epoch,
      seq: world.outbox.nextSeq(name, release.status?.seq ?? 0),
      occurredAt: world.now().toISOString(),
      observation: { phase: 'delayed', attempt, reason, message },
    } as const;
    world.outbox.offer(name, environmentOf(release), [action]);
  }

  return {
    changed(name) {
      attempts.delete(name);
      stales.delete(name);
      queue.add(name);
    },
    stirred(name) {
      if (!attempts.has(name)) queue.add(name);
    },
    busy: () => names.size,
    async stop() {
      wake.stop();
      await queue.stop();
      wake.stop();
    },
  };
}
