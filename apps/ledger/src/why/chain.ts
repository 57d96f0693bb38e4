import { categoryOf } from '@waybill/domain';
import { type RecordedEvent, comparePositions } from '@waybill/kernel';
import { MAX_PAGE } from '@waybill/views';
import { eventAt } from '../events/reading.js';
import type { Parts } from '../parts.js';
import type { WhySubject } from './subject.js';

export interface Link {
  readonly event: RecordedEvent;
  /** How many of the other events had to come first for it; 0 for what a person or a pipeline asked. */
  readonly depth: number;
}

type Reading = Pick<Parts, 'store' | 'views'>;

/** More steps than this explain nothing; the oldest and what led to the subject are kept. */
const MOST = 500;

/** The events of a subject and everything that led to them, in the order of the log. */
export async function chainOf(parts: Reading, { events, correlationId }: WhySubject): Promise<readonly Link[]> {
  const found = new Map<string, RecordedEvent>();
  const add = (event: RecordedEvent): void => {
    if (found.size < MOST) found.set(event.id, event);
  };
  await addWithCauses(parts, events, found, add);
  if (correlationId !== null) {
    for (const id of correlationsOf(events, correlationId)) {
      for await (const event of correlated(parts, id)) add(event);
    }
  }
  const ordered = [...found.values()].sort((a, b) => comparePositions(a.position, b.position));
  return withDepths(ordered);
}

/** What a command wrote behind its first event follows from that one: it is known by the command alone. */
function withDepths(ordered: readonly RecordedEvent[]): readonly Link[] {
  const depths = new Map<string, number>();
  const firsts = new Map<string, number>();
  return ordered.map((event) => {
    const command = `${event.commandId} ${event.stream}`;
    const cause = firsts.get(command) ?? depths.get(event.causationId);
    const depth = cause === undefined ? 0 : cause + 1;
    depths.set(event.id, depth);
    if (!firsts.has(command)) firsts.set(command, depth);
    return { event, depth };
  });
}

/** That of the request, and those of people who had a say later: old logs keep each as a story of its own. */
const correlationsOf = (events: readonly RecordedEvent[], first: string): ReadonlySet<string> =>
  new Set([first, ...events.flatMap((event) => (event.causationId === event.commandId ? event.correlationId : []))]);

/** Walks from each event to what caused it, until commands of people or pipelines are reached. */
async function addWithCauses(
  { store, views }: Reading,
  starts: readonly RecordedEvent[],
  found: ReadonlyMap<string, RecordedEvent>,
  add: (event: RecordedEvent) => void,
): Promise<void> {
  const readUpTo = new Map<string, number>();
  const toVisit = [...starts].reverse();
  for (let event = toVisit.pop(); event && found.size < MOST; event = toVisit.pop()) {
    if (found.has(event.id)) continue;
    add(event);
    if (!isOfRelease(event) || (readUpTo.get(event.stream) ?? -1) < event.revision) {
      readUpTo.set(event.stream, event.revision);
      toVisit.push(...(await leadingUpTo(store, event)));
    }
    const cause = await views.timeline.byId(event.causationId);
    if (cause && !found.has(cause.id)) toVisit.push(await eventAt(store, cause));
  }
}

/**
 * What came before the event in its stream and belongs to it. Of a release everything up to there: a plan says little
 * without the request, the rule, the configuration and who agreed, and what a person did has no event as its cause.
 * Only locations that ended without anything following from it are left out. Elsewhere what the same command wrote.
 */
async function leadingUpTo(store: Parts['store'], event: RecordedEvent): Promise<readonly RecordedEvent[]> {
  if (event.revision === 0) return [];
  if (isOfRelease(event)) {
    const upTo = await store.readStream(event.stream, { limit: event.revision + 1 });
    const led = new Set(upTo.flatMap(({ type, commandId }) => (type === 'LocationConcluded' ? [] : commandId)));
    return upTo.filter(({ type, commandId }) => type !== 'LocationConcluded' || led.has(commandId));
  }
  const before = await store.readStream(event.stream, { direction: 'backwards', from: event.revision - 1, limit: 10 });
  return before.filter(({ commandId }) => commandId === event.commandId);
}

const isOfRelease = ({ stream }: RecordedEvent): boolean => categoryOf(stream) === 'release';

async function* correlated({ store, views }: Reading, correlationId: string): AsyncIterable<RecordedEvent> {
  let after: string | null = null;
  do {
    const page = await views.timeline.byCorrelation(correlationId, { first: MAX_PAGE, after });
    for (const entry of page.nodes) yield eventAt(store, entry);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
}
