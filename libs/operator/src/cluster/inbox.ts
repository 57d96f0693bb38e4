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
} from '../release-resource/release.js';
import { type Fault, LostLeaseError, faultOf } from './fault.js';
import type { Outbox } from './outbox.js';
import type { ReleaseStore } from './release-store.js';

/** Keeps desired records in Releases: what is in one is no longer lost, whatever happens to the channel. */
export interface Inbox {
  /**
   * Resolves when the record stands in its Release, when that holds a newer one, or when the ledger knows that it was
   * refused. Waits for as long as the API server cannot take it; rejects when the signal aborts meanwhile.
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
  /** The Release says something new. */
  readonly onWritten: (name: string) => void;
}

export function createInbox(options: InboxOptions): Inbox {
  const { cluster, channel, releases, outbox, namespace, location, epoch, defaults, leads, signal } = options;
  const { retryDelayMs, now, log, onWritten } = options;

  async function write(record: DesiredRecord): Promise<void> {
    refuseContradiction(record);
    const name = releaseName(record.environment);
    const before = releases.get(name);
    const known = before ?? releases.lost(name);
    if (known && !isNews(record, known)) return;
    const spec = specOf(record, defaults, known?.spec);
    if (!leads()) throw new LostLeaseError();
    const written = before
      ? await cluster.replace(asObject(withoutStatus(withSpec(before, spec))))
      : await cluster.create(newRelease(namespace, spec));
    releases.put({ ...asRelease(written), ...(before?.status && { status: before.status }) });
    onWritten(name);
  }

  /** The generation at the target fences off everything older; the same generation must be the same state. */
  function isNews({ generation, state, digest, release, environment }: DesiredRecord, { spec }: Release): boolean {
    if (generation !== spec.generation) return generation > spec.generation;
    const same = (spec.digest ?? null) === digest && (spec.releaseId ?? null) === release;
    if (same && (spec.state === 'Present') === (state === 'present')) return false;
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
    onFailed?: (attempt: number, fault: Fault) => void,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) throw new RetryableError('TIMEOUT', `The operator stopped before it could ${words}`);
      try {
        return await work();
      } catch (error) {
        const fault = faultOf(error);
        const { verdict, reason, message } = fault;
        if (verdict === 'final') throw error;
        if (verdict !== 'stale') onFailed?.(attempt, fault);
        log.warn(logLine(`cannot ${words}`, { ...trace, attempt, reason, message }));
        await wait(retryDelayMs(attempt), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async function take(record: DesiredRecord): Promise<void> {
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
      await untilDone('keep the record', trace, tryOnce, (attempt, fault) => delayed(record, attempt, fault));
    } catch (error) {
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
    await untilDone('report the refusal', trace, () => channel.report(report));
  }

  async function retired(environment: string): Promise<void> {
    const parsed = parseEnvironmentName(environment);
    if (!parsed) return;
    const name = releaseName(parsed);
    await untilDone('let go of the fence', { environment }, async () => {
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
    });
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

/** A write of the spec takes no status. */
const withoutStatus = ({ apiVersion, kind, metadata, spec }: Release): Release => ({
  apiVersion,
  kind,
  metadata,
  spec,
});
