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
  for (const event of events) await addWithCauses(parts, event, found, add);
  if (correlationId !== null) for await (const event of correlated(parts, correlationId)) add(event);
  const ordered = [...found.values()].sort((a, b) => comparePositions(a.position, b.position));
  const depths = new Map<string, number>();
  return ordered.map((event) => {
    const cause = depths.get(event.causationId);
    const depth = cause === undefined ? 0 : cause + 1;
    depths.set(event.id, depth);
    return { event, depth };
  });
}

/** Walks from an event to what caused it, until a command of a person or a pipeline is reached. */
async function addWithCauses(
  { store, views }: Reading,
  start: RecordedEvent,
  found: ReadonlyMap<string, RecordedEvent>,
  add: (event: RecordedEvent) => void,
): Promise<void> {
  let event: RecordedEvent | undefined = start;
  while (event && !found.has(event.id)) {
    add(event);
    for (const sibling of await sameCommand(store, event)) add(sibling);
    const cause = await views.timeline.byId(event.causationId);
    event = cause && (await eventAt(store, cause));
  }
}

/** What the same command wrote before the event: a matched branch says little without the request. */
async function sameCommand(store: Parts['store'], event: RecordedEvent): Promise<readonly RecordedEvent[]> {
  if (event.revision === 0) return [];
  const before = await store.readStream(event.stream, { direction: 'backwards', from: event.revision - 1, limit: 10 });
  return before.filter(({ commandId }) => commandId === event.commandId);
}

async function* correlated({ store, views }: Reading, correlationId: string): AsyncIterable<RecordedEvent> {
  let after: string | null = null;
  do {
    const page = await views.timeline.byCorrelation(correlationId, { first: MAX_PAGE, after });
    for (const entry of page.nodes) yield eventAt(store, entry);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
}
