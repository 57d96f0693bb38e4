import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { referenceOf } from '../../plan/objects.js';
import type { Cluster, LiveObject } from './cluster.js';

export interface EventWords {
  readonly type: 'Normal' | 'Warning';
  /** One word for machines, such as `RolledOut`. */
  readonly reason: string;
  readonly message: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Series {
  readonly name: string;
  readonly eventTime: string;
  count: number;
  writtenAt: number;
  touchedAt: number;
}

/** Like client-go's recorder: what is repeated within this time is one event with a count. */
const SERIES_MS = 6 * 60_000;
/** Not every repetition of something that happens all the time is written; the next one that is tells the count. */
const PAUSE_MS = 10_000;
const MOST_SERIES = 1000;

const seriesOf = new WeakMap<Cluster, Map<string, Series>>();

/**
 * An event (events.k8s.io/v1) about an object, for `kubectl describe`. What repeats becomes one with a count. Never
 * rejects: an event that cannot be written is no reason to stop what it tells of.
 */
export async function emitEvent(
  cluster: Cluster,
  regarding: LiveObject,
  words: EventWords,
  monotonic: () => number = () => performance.now(),
): Promise<void> {
  const { uid, namespace = 'default', name } = regarding.metadata;
  const { type, reason, message, annotations } = words;
  const now = monotonic();
  const known = seriesOf.get(cluster) ?? new Map<string, Series>();
  seriesOf.set(cluster, known);
  const key = createHash('sha256')
    .update(JSON.stringify([uid, type, reason, message]))
    .digest('hex');
  let series = known.get(key);
  if (series && now - series.touchedAt < SERIES_MS) {
    series.count += 1;
    series.touchedAt = now;
    if (now - series.writtenAt < PAUSE_MS) return;
  } else {
    const eventTime = microTime(new Date());
    // The name must be another one when the same thing is told again after a while.
    series = {
      name: `${name.slice(0, 200)}.${shortId(key + eventTime)}`,
      eventTime,
      count: 1,
      writtenAt: now,
      touchedAt: now,
    };
    known.set(key, series);
    if (known.size > MOST_SERIES) forgetOldest(known);
  }
  series.writtenAt = now;
  const { count } = series;
  const { apiVersion, kind } = regarding;
  await cluster
    .apply({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: series.name, namespace, ...(annotations && { annotations }) },
      // Without its version: nothing but the series may change later.
      regarding: { apiVersion, kind, name, uid, ...namespaceOf(regarding) },
      type,
      reason: reason.slice(0, 128),
      note: fitted(message, 1024),
      action: reason.slice(0, 128),
      eventTime: series.eventTime,
      reportingController: 'waybill.dev/operator',
      reportingInstance: (cluster.identity ?? hostname()).slice(0, 128),
      ...(count > 1 && { series: { count, lastObservedTime: microTime(new Date()) } }),
    })
    .catch(() => undefined);
}

function namespaceOf(object: LiveObject): { namespace?: string } {
  const { namespace } = referenceOf(object);
  return namespace === null ? {} : { namespace };
}

function microTime(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000Z`;
}

function shortId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The server counts bytes. */
function fitted(text: string, bytes: number): string {
  const well = text.toWellFormed();
  if (Buffer.byteLength(well) <= bytes) return well;
  return `${Buffer.from(well)
    .subarray(0, bytes - 6)
    .toString('utf8')
    .replace(/\ufffd+$/, '')}…`;
}

function forgetOldest(known: Map<string, Series>): void {
  const [first] = known.keys();
  if (first !== undefined) known.delete(first);
}
