import { type Cluster, RejectedError } from '@waybill/adapters';
import type { Channel, DesiredRecord, UnreadableRecord } from '@waybill/channel';
import { type EnvironmentId, environmentName, machineText, parseEnvironmentName } from '@waybill/domain';
import { RetryableError } from '@waybill/kernel';
import { setTimeout as wait } from 'node:timers/promises';
import { refuseContradiction } from '../contradiction.js';
import { type OperatorLog, logLine, traceOf } from '../log.js';
import { type ReleaseDefaults, newRelease, specOf, withSpec } from '../release-resource/from-record.js';
import {
  RELEASE_FINALIZER,
  type Release,
  asObject,
  asRelease,
  releaseName,
  releaseReference,
  withoutStatus,
} from '../release-resource/release.js';
import { isAsAsked } from './edited.js';
import { type Fault, LostLeaseError, STALE_TRIES, SupersededError, faultOf } from './fault.js';
import { createLanes } from './lanes.js';
import type { Outbox } from './outbox.js';
import type { ReleaseStore } from './release-store.js';
import type { World } from './world.js';

/** Keeps desired records in Releases: what is in one is no longer lost, whatever happens to the channel. */
export interface Inbox {
  /**
   * Resolves when the record stands in its Release, when that holds a newer one, or when the ledger knows that it was
   * refused. One that the API server cannot take is kept in memory and tried until it can, or until a newer one of its
   * environment is there: the records of other environments go on meanwhile. Whoever starts reads everything anew, so
   * none of them is lost. Rejects when the signal aborts.
   */
  take(record: DesiredRecord): Promise<void>;
  /** The ledger knows that the environment, by its name, is gone: the fence is no longer needed. */
  retired(environment: string): Promise<void>;
  /** A record that this version cannot read: the ledger hears that nothing will come of it. */
  unreadable(record: UnreadableRecord, problem: string): Promise<void>;
}

export interface InboxOptions {
  readonly cluster: Pick<Cluster, 'get' | 'create' | 'replace' | 'remove'>;
  readonly channel: Pick<Channel, 'report'>;
  readonly releases: ReleaseStore;
  readonly outbox: Pick<Outbox, 'nextSeq' | 'offer'>;
  readonly namespace: string;
  readonly location: string;
  readonly epoch: number;
  readonly defaults: ReleaseDefaults;
  readonly leads: () => boolean;
  readonly signal: AbortSignal;
  readonly retryDelayMs: (attempt: number) => number;
  readonly now: () => Date;
  readonly log: OperatorLog;
  /** For whoever looks at the Releases, so that they say so. */
  readonly refused: World['refused'];
  /** The Release says something new, or is to. */
  readonly onWritten: (name: string) => void;
}

interface Pending {
  readonly generation: number;
  /** A newer one is there. */
  readonly over: AbortController;
}

/** What becomes of work that fails, until it is done. */
interface Patience {
  readonly onFailed?: (attempt: number, fault: Fault) => void;
  /** It takes longer: nobody else is to wait for it. */
  readonly heldUp?: () => void;
  /** It is no longer wanted. */
  readonly over?: AbortSignal;
}

export function createInbox(options: InboxOptions): Inbox {
  const { cluster, channel, releases, outbox, namespace, location, epoch, defaults, leads, signal } = options;
  const { retryDelayMs, now, log, onWritten, refused } = options;
  const lanes = createLanes();
  /** Records that are not kept yet, by environment. */
  const pending = new Map<string, Set<Pending>>();

  async function write(record: DesiredRecord): Promise<void> {
    refuseContradiction(record);
    const name = releaseName(record.environment);
    const before = releases.get(name);
    const known = before ?? releases.lost(name);
    if (known && !isNews(record, known)) {
      // Somebody changed what is there: whoever looks at it puts this back.
      if (record.desired && !isAsAsked(known.spec)) {
        releases.askedFor(name, record.desired);
        onWritten(name);
      }
      return;
    }
    const spec = specOf(record, defaults, known?.spec);
    if (!leads()) throw new LostLeaseError();
    const written = before
      ? await cluster.replace(asObject(withoutStatus(withSpec(before, spec))))
      : await cluster.create(newRelease(namespace, spec));
    refused.delete(name);
    releases.put({ ...asRelease(written), ...(before?.status && { status: before.status }) });
    onWritten(name);
  }

  /** The generation at the target fences off everything older; the same generation must be the same state. */
  function isNews(record: DesiredRecord, { spec }: Release): boolean {
    const { generation, state, digest, release, environment, directive } = record;
    if (generation !== spec.generation) return generation > spec.generation;
    const same = (spec.digest ?? null) === digest && (spec.releaseId ?? null) === release;
    if (same && (spec.state === 'Present') === (state === 'present')) {
      return (directive?.seq ?? 0) > (spec.directive?.seq ?? 0);
    }
    throw new RejectedError(
      'DigestMismatch',
      `Generation ${generation} of ${environmentName(environment)} is here already, with other content`,
    );
  }

  /** Our copy was not the newest, or somebody else's Release has the name. */
  async function readAgain(environment: EnvironmentId): Promise<void> {
    const name = releaseName(environment);
    const live = await cluster.get(releaseReference(namespace, name));
    if (!live) return releases.gone(name);
    const release = asRelease(live);
    if (release.spec.location !== location) {
      throw new RejectedError(
        'OwnedByAnother',
        `The Release ${namespace}/${name} belongs to ${release.spec.location}`,
        {
          hint: 'Give the operators of two locations of one cluster a namespace each (WAYBILL_NAMESPACE).',
        },
      );
    }
    releases.put(release);
  }

  async function untilDone<T>(
    words: string,
    trace: Parameters<typeof logLine>[1],
    work: () => Promise<T>,
    { onFailed, heldUp, over }: Patience = {},
  ): Promise<T> {
    const waiting = over ? AbortSignal.any([signal, over]) : signal;
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) throw new RetryableError('TIMEOUT', `The operator stopped before it could ${words}`);
      if (over?.aborted) throw new SupersededError(words);
      try {
        return await work();
      } catch (error) {
        const fault = faultOf(error);
        const { verdict, reason, message } = fault;
        if (verdict === 'final') throw error;
        // Who is told for ever that its copy is old, and reads the same again, is refused by something else.
        const isRefused = verdict !== 'stale' || attempt >= STALE_TRIES;
        if (isRefused) onFailed?.(attempt, fault);
        if (isRefused || attempt > 1) heldUp?.();
        log.warn(logLine(`cannot ${words}`, { ...trace, attempt, reason, message }));
        await wait(retryDelayMs(attempt), undefined, { signal: waiting }).catch(() => undefined);
      }
    }
  }

  async function take(record: DesiredRecord): Promise<void> {
    const key = environmentName(record.environment);
    const mine = { generation: record.generation, over: new AbortController() };
    const others = pending.get(key) ?? new Set();
    for (const { generation, over } of others) if (generation < mine.generation) over.abort();
    pending.set(key, others.add(mine));
    await lanes.run(key, async (heldUp) => {
      try {
        await keep(record, heldUp, mine.over.signal);
      } finally {
        others.delete(mine);
        if (others.size === 0) pending.delete(key);
      }
    });
  }

  async function keep(record: DesiredRecord, heldUp: () => void, over: AbortSignal): Promise<void> {
    const trace = traceOf(record);
    if (record.environment.location !== location) {
      log.error(logLine('a record of another location', { ...trace, location }));
      return;
    }
    try {
      const tryOnce = async (): Promise<void> => {
        try {
          await write(record);
        } catch (error) {
          if (faultOf(error).verdict === 'stale') await readAgain(record.environment);
          throw error;
        }
      };
      const onFailed = (attempt: number, fault: Fault): void => delayed(record, attempt, fault);
      await untilDone('keep the record', trace, tryOnce, { onFailed, heldUp, over });
    } catch (error) {
      if (error instanceof SupersededError) return;
      const fault = faultOf(error);
      if (fault.verdict !== 'final') throw error;
      await refuse(record, fault);
    }
  }

  /** Nothing stands in a Release yet: the ledger hears in this way why it has to wait. It records attempts 1, 2, 4, 8… */
  function delayed(record: DesiredRecord, attempt: number, { reason, message }: Fault): void {
    if ((attempt & (attempt - 1)) !== 0) return;
    const { environment, generation, release } = record;
    const name = releaseName(environment);
    const action = {
      generation,
      ...(release === null ? {} : { releaseId: release }),
      epoch,
      seq: outbox.nextSeq(name, releases.get(name)?.status?.seq ?? 0),
      occurredAt: now().toISOString(),
      observation: { phase: 'delayed', attempt, reason, message },
    } as const;
    outbox.offer(name, environment, [action]);
  }

  /** There is no Release that could say so: the record counts as delivered only when the ledger has heard. */
  async function refuse(
    record: UnreadableRecord,
    { reason, message }: Pick<Fault, 'reason' | 'message'>,
  ): Promise<void> {
    const { environment, generation, release } = record;
    const trace = { environment: environmentName(environment), generation, release };
    log.warn(logLine('rejected', { ...trace, reason, message }));
    const name = releaseName(environment);
    const seq = outbox.nextSeq(name, releases.get(name)?.status?.seq ?? 0);
    const report = {
      schema: 'waybill.dev/report/v1',
      kind: 'deployment',
      environment,
      generation,
      release,
      epoch,
      seq,
      occurredAt: now().toISOString(),
      observation: { phase: 'rejected', reason, message },
    } as const;
    if ((releases.get(name)?.spec.generation ?? Infinity) <= generation) {
      refused.set(name, { generation, reason, message });
      onWritten(name);
    }
    await untilDone('report the refusal', trace, () => channel.report(report));
  }

  const retired = (environment: string): Promise<void> =>
    lanes.run(environment, (heldUp) => letGo(environment, heldUp));

  async function letGo(environment: string, heldUp: () => void): Promise<void> {
    const parsed = parseEnvironmentName(environment);
    if (!parsed) return;
    const name = releaseName(parsed);
    const letGoOnce = async (): Promise<void> => {
      const live = await cluster.get(releaseReference(namespace, name));
      if (!live) return releases.gone(name);
      const release = asRelease(live);
      const { spec, status, metadata } = release;
      // Only what the ledger asked to remove, and what is removed, is forgotten: a lost record takes nothing down.
      if (spec.location !== location || spec.state !== 'Absent' || status?.outcome?.phase !== 'removed') return;
      if (!leads()) throw new LostLeaseError();
      const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== RELEASE_FINALIZER);
      await cluster.replace(asObject(withoutStatus({ ...release, metadata: { ...metadata, finalizers } })));
      releases.drop(name);
      await cluster.remove(releaseReference(namespace, name), metadata.uid);
    };
    await untilDone('let go of the fence', { environment }, letGoOnce, { heldUp });
  }

  return {
    take,
    retired,
    async unreadable(record, problem) {
      if (record.environment.location !== location) return;
      await refuse(record, { reason: 'UnreadableRecord', message: machineText(problem) });
    },
  };
}
