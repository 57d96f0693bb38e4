import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type JsonObject, WaybillError, isWaybillError } from '@waybill/kernel';
import { isApiError } from './api-error.js';
import type { Cluster, LiveObject } from './cluster.js';
import { numberAt, recordAt, textAt } from './json-fields.js';

export interface HoldLeaseOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  /** For people; what is written has a random part behind it, so that no two processes can be taken for one. */
  readonly identity: string;
  /**
   * No other process that lives ever has this identity, as a pod's name and the one container in it: a lease that it
   * still holds is that of a process that is no more, and is taken at once. Without this promise two could lead.
   */
  readonly identityIsOurs?: boolean;
  /** Others take over when they saw no renewal for so long. */
  readonly leaseSeconds?: number;
  readonly renewSeconds?: number;
  /** Only for the epoch and the times that people read. */
  readonly now?: () => Date;
  /** Milliseconds that only ever grow. */
  readonly monotonic?: () => number;
  /** Ends the term: the lease is given back. */
  readonly signal: AbortSignal;
  /** The highest epoch that is known from elsewhere: the lease itself may be deleted by hand. */
  readonly lastEpoch?: number;
  /** Of which location it is: the lease of another one is refused. */
  readonly location?: string;
  /** Somebody else holds it; once for each holder. */
  readonly waiting?: (holder: string) => void;
  /** A try failed; it is repeated. */
  readonly failed?: (error: unknown) => void;
}

export interface HeldLease {
  /** Rejects when the signal aborts before, and with `CONFIGURATION` when the lease is that of another location. */
  readonly acquired: Promise<{ readonly epoch: number }>;
  /** Whether a write may begin now. By this process's own clock: false in time, also after it was frozen. */
  valid(): boolean;
  /** The term is over, for whatever reason. Another one is another call. */
  readonly lost: Promise<void>;
  /** Gives it back, so that the next one need not wait. Never rejects. */
  release(): Promise<void>;
}

export const EPOCH_ANNOTATION = 'waybill.dev/epoch';
const LOCATION_ANNOTATION = 'waybill.dev/location';

interface Term {
  readonly epoch: number;
  lease: LiveObject;
  /** When the last renewal that succeeded was sent, by both clocks. */
  renewedAt: number;
  renewedWall: number;
}

/**
 * One term of leadership on a Lease, as client-go's leader election has it. Times of others are never compared with our
 * clock: what counts is when this process saw the lease change. The leader stops believing in its term after two thirds
 * of the time after which the others take over. Epochs grow with every term, also when clocks go backwards.
 */
export function holdLease(options: HoldLeaseOptions): HeldLease {
  const { cluster, namespace, name, identity, leaseSeconds = 15, renewSeconds = 5, signal, lastEpoch = 0 } = options;
  const { now = () => new Date(), monotonic = () => performance.now(), location, waiting, failed } = options;
  const { identityIsOurs = false } = options;
  const holder = `${identity}_${randomUUID().slice(0, 8)}`;
  const reference = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace, name };
  const termMs = (leaseSeconds * 1000 * 2) / 3;
  const request = { timeoutMs: Math.min(renewSeconds * 1000, termMs / 2) };
  const acquired = deferred<{ epoch: number }>();
  const lost = deferred<void>();
  const over = new AbortController();
  let term: Term | undefined;
  let observed: { readonly version: string; readonly at: number } | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let waitingFor: string | undefined;

  // Whoever never asks for it must not bring the process down.
  acquired.promise.catch(() => undefined);

  function end(): void {
    if (over.signal.aborted) return;
    clearTimeout(expiry);
    over.abort();
    acquired.reject(signal.reason ?? new Error('the lease was given up before it was acquired'));
    lost.resolve();
  }

  function valid(): boolean {
    if (!term || over.signal.aborted) return false;
    // The monotonic clock stands still while a machine sleeps; the other one may jump. Either is enough to stop.
    return monotonic() - term.renewedAt < termMs && now().getTime() - term.renewedWall < termMs;
  }

  function watchExpiry(): void {
    clearTimeout(expiry);
    const left = term ? term.renewedAt + termMs - monotonic() : 0;
    if (left <= 0) return end();
    expiry = setTimeout(watchExpiry, Math.max(1, left));
  }

  async function write(lease: LiveObject | null, epoch: number, taking: boolean): Promise<void> {
    const [renewedAt, wall] = [monotonic(), now()];
    const written = await (lease
      ? cluster.replace(leaseObject(lease, epoch, taking, wall), request)
      : cluster.create(leaseObject(null, epoch, taking, wall), request));
    if (over.signal.aborted) return giveBack(written);
    term = { epoch, lease: written, renewedAt, renewedWall: wall.getTime() };
    watchExpiry();
  }

  function leaseObject(lease: LiveObject | null, epoch: number, taking: boolean, wall: Date): LiveObject {
    const before = recordAt(lease?.['spec']);
    const time = `${wall.toISOString().slice(0, -1)}000Z`;
    const spec: JsonObject = {
      ...before,
      holderIdentity: holder,
      leaseDurationSeconds: Math.ceil(leaseSeconds),
      renewTime: time,
      ...(taking && {
        acquireTime: time,
        leaseTransitions: lease ? (numberAt(before, 'leaseTransitions') ?? 0) + 1 : 0,
      }),
    };
    const annotations = {
      ...lease?.metadata.annotations,
      [EPOCH_ANNOTATION]: String(epoch),
      ...(location !== undefined && { [LOCATION_ANNOTATION]: location }),
    };
    const metadata = lease ? { ...lease.metadata, annotations } : { name, namespace, annotations };
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec } as LiveObject;
  }

  /** Whether nobody holds it, or whoever does was not heard of for as long as they said they would be. */
  function isFree(lease: LiveObject): boolean {
    const { resourceVersion: version } = lease.metadata;
    if (observed?.version !== version) observed = { version, at: monotonic() };
    const by = textAt(lease['spec'], 'holderIdentity');
    if (!by || (identityIsOurs && withoutRandomPart(by) === identity)) return true;
    const seconds = numberAt(lease['spec'], 'leaseDurationSeconds') ?? leaseSeconds;
    return monotonic() - observed.at >= seconds * 1000;
  }

  async function acquire(): Promise<boolean> {
    const lease = await cluster.get(reference, request);
    refuseOtherLocation(lease);
    if (lease && !isFree(lease)) {
      tellOfHolder(lease);
      return false;
    }
    const before = Number(lease?.metadata.annotations?.[EPOCH_ANNOTATION] ?? 0) || 0;
    await write(lease, Math.max(now().getTime(), before + 1, lastEpoch + 1), true);
    return true;
  }

  function refuseOtherLocation(lease: LiveObject | null): void {
    const other = lease?.metadata.annotations?.[LOCATION_ANNOTATION];
    if (location === undefined || other === undefined || other === location) return;
    throw new WaybillError('CONFIGURATION', `the namespace ${namespace} is that of the location ${other}`, {
      hint: `Give ${location} a namespace of its own; when ${other} is no more, delete the lease ${name} there.`,
    });
  }

  function tellOfHolder(lease: LiveObject): void {
    const by = textAt(lease['spec'], 'holderIdentity') ?? '';
    if (by !== waitingFor) waiting?.(by);
    waitingFor = by;
  }

  async function renew(held: Term): Promise<void> {
    try {
      await write(held.lease, held.epoch, false);
    } catch (error) {
      if (!isApiError(error) || (error.status !== 409 && error.status !== 404)) throw error;
      // Our own renewal may have arrived although its answer did not.
      const lease = await cluster.get(reference, request);
      if (textAt(lease?.['spec'], 'holderIdentity') !== holder) return end();
      held.lease = lease!;
      throw error;
    }
  }

  async function run(): Promise<void> {
    while (!over.signal.aborted) {
      let wait = Math.min(2, renewSeconds) * 1000;
      try {
        if (term) {
          await renew(term);
          wait = renewSeconds * 1000;
        } else if (await acquire()) {
          if (term) acquired.resolve({ epoch: (term as Term).epoch });
          wait = renewSeconds * 1000;
        }
      } catch (error) {
        if (isWaybillError(error, 'CONFIGURATION')) {
          acquired.reject(error);
          end();
          return;
        }
        failed?.(error);
        // In a term there is little time: the next try must come before it runs out.
        if (term) wait = Math.min(wait, termMs / 10);
      }
      await pause(wait * (0.9 + Math.random() * 0.1), undefined, { signal: over.signal }).catch(() => undefined);
    }
  }

  async function release(): Promise<void> {
    const held = valid() ? term : undefined;
    end();
    if (!held) return;
    await giveBack(held.lease);
  }

  async function giveBack(lease: LiveObject): Promise<void> {
    const spec = { ...recordAt(lease['spec']), holderIdentity: '', leaseDurationSeconds: 1 };
    await cluster.replace({ ...lease, spec }, request).catch(() => undefined);
  }

  if (signal.aborted) end();
  else signal.addEventListener('abort', () => void release(), { once: true });
  void run();

  return { acquired: acquired.promise, valid, lost: lost.promise, release };
}

const withoutRandomPart = (holder: string): string => holder.replace(/_[0-9a-f]{8}$/, '');

/** `Promise.withResolvers`, which Node has from 22 on. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
