import { findSecret } from '@waybill/domain';
import type { JsonValue } from '@waybill/kernel';
import { isApiError } from './api-error.js';
import type { Cluster, LiveObject } from './cluster.js';
import { conditionOf, wordsOf } from './health/conditions.js';
import { listAt, numberAt, textAt, valueAt } from './json-fields.js';
import { type PodsOf, podsOf } from './pods-of.js';

const MOST_LINES = 20;
const LONGEST_LINE = 300;

/** Nothing is wrong with a container that is being made; what keeps it from being made is told by events. */
const USUAL = new Set(['ContainerCreating', 'PodInitializing']);

interface Trouble {
  readonly words: string;
  /** Name of the pod, so that the same trouble of several pods is told once. */
  readonly of: string;
  readonly times: number;
}

/**
 * Why a workload does not become ready, in the words of its newest pods, of the scheduler and of the kubelet: at most 20
 * lines of 300 characters, what several pods say is counted. What cannot be read is said in a line of its own. Lines in
 * which a secret is found are left out, as they go into the ledger.
 */
export async function podTroubles(cluster: Cluster, workload: LiveObject): Promise<string[]> {
  const found = await readable('Pods', () => podsOf(cluster, workload));
  const { pods, between }: PodsOf = found.value ?? { pods: [], between: [] };
  const subjects = [workload, ...between, ...pods];
  const events = await readable('Events', () => warningsAbout(cluster, subjects));
  const troubles = [...pods.flatMap(troublesOfPod), ...(events.value ?? [])];
  const lines = [...told(troubles), ...[found.refusal, events.refusal].flatMap((refusal) => refusal ?? [])];
  return lines.slice(0, MOST_LINES);
}

function troublesOfPod(pod: LiveObject): Trouble[] {
  const of = pod.metadata.name;
  const trouble = (words: string): Trouble => ({ words, of, times: 1 });
  const troubles: Trouble[] = [];
  const reason = textAt(pod['status'], 'reason');
  if (reason !== undefined)
    troubles.push(trouble(`${reason}: ${textAt(pod['status'], 'message') ?? 'the pod failed'}`));
  const scheduled = conditionOf(pod['status'], 'PodScheduled');
  if (scheduled?.status === 'False')
    troubles.push(trouble(`${scheduled.reason || 'NotScheduled'}: ${wordsOf(scheduled)}`));
  const statuses = [...listAt(pod['status'], 'initContainerStatuses'), ...listAt(pod['status'], 'containerStatuses')];
  return [...troubles, ...statuses.flatMap((status) => wordsOfContainer(status) ?? []).map(trouble)];
}

function wordsOfContainer(status: JsonValue): string | undefined {
  const name = `Container ${textAt(status, 'name') ?? ''}`;
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  if (waiting !== undefined && !USUAL.has(waiting)) {
    const message = textAt(status, 'state', 'waiting', 'message');
    const last = lastWords(valueAt(status, 'lastState', 'terminated') ?? null);
    return [`${name}: ${waiting}`, message, last && `last ${last}`].filter(Boolean).join('; ');
  }
  const exit = numberAt(status, 'state', 'terminated', 'exitCode');
  if (exit !== undefined && exit !== 0) return `${name}: ${lastWords(valueAt(status, 'state', 'terminated') ?? null)}`;
  const runs = valueAt(status, 'state', 'running') !== undefined;
  if (runs && valueAt(status, 'ready') === false) {
    const restarts = numberAt(status, 'restartCount') ?? 0;
    return `${name} runs but is not ready${restarts > 0 ? `; restarted ${restarts} times` : ''}`;
  }
  return undefined;
}

function lastWords(terminated: JsonValue): string | undefined {
  const exit = numberAt(terminated, 'exitCode');
  if (exit === undefined) return undefined;
  const message = textAt(terminated, 'message');
  return `exit code ${exit} (${textAt(terminated, 'reason') ?? 'no reason'})${message ? `: ${message}` : ''}`;
}

/** The newest first. The core kind, as it is served everywhere and can be asked for one type. */
async function warningsAbout(cluster: Cluster, subjects: readonly LiveObject[]): Promise<Trouble[]> {
  const nameByUid = new Map(subjects.map(({ metadata: { uid, name } }) => [uid, name]));
  const namespace = subjects[0]?.metadata.namespace ?? 'default';
  const events = await cluster.list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'type=Warning' });
  return events
    .flatMap((event) => {
      const of = nameByUid.get(textAt(event, 'involvedObject', 'uid') ?? '');
      return of === undefined ? [] : [{ event, of, at: lastSeen(event) }];
    })
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .map(({ event, of }) => ({
      words: `${textAt(event, 'reason') ?? 'Warning'}: ${textAt(event, 'message') ?? ''}`,
      of,
      times: numberAt(event, 'series', 'count') ?? numberAt(event, 'count') ?? 1,
    }));
}

function lastSeen(event: LiveObject): string {
  return (
    textAt(event, 'series', 'lastObservedTime') ??
    textAt(event, 'lastTimestamp') ??
    textAt(event, 'eventTime') ??
    event.metadata.creationTimestamp ??
    ''
  );
}

/** One line for what is the same but for the name and id of the pod, in the words of the first. */
function told(troubles: readonly Trouble[]): string[] {
  const groups = new Map<string, { words: string; pods: Set<string>; times: number }>();
  for (const { words, of, times } of troubles) {
    const line = words.replace(/\s+/g, ' ').trim();
    const key = line.replaceAll(of, '*').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '*');
    const group = groups.get(key) ?? { words: line, pods: new Set<string>(), times: 0 };
    groups.set(key, group);
    group.pods.add(of);
    group.times += times;
  }
  return [...groups.values()].map(({ words, pods, times }) => {
    const clean = findSecret('', words)
      ? `${words.slice(0, words.indexOf(':') + 1)} (a secret in the text: left out)`
      : words;
    const many = pods.size > 1 ? ` (${pods.size} pods)` : times > 1 ? ` (${times} times)` : '';
    return `${fitted(clean, LONGEST_LINE - many.length)}${many}`;
  });
}

function fitted(text: string, length: number): string {
  const well = text.toWellFormed();
  return well.length <= length ? well : `${well.slice(0, length - 1)}…`.toWellFormed();
}

async function readable<T>(
  what: string,
  read: () => Promise<T>,
): Promise<{ readonly value?: T; readonly refusal?: string }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!isApiError(error)) throw error;
    return { refusal: fitted(`${what} cannot be read: ${error.words}`, LONGEST_LINE) };
  }
}
