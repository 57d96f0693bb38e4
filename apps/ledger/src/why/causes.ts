import { categoryOf, releaseStreamOf } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import { MAX_PAGE } from '@waybill/views';
import { eventAt } from '../events/reading.js';
import type { Parts } from '../parts.js';
import type { ChainReading, Found } from './chain.js';
import type { WhySubject } from './subject.js';

/** Walks from each event to what caused it, until commands of people or pipelines are reached. */
export async function addCauses(
  { store, views }: ChainReading,
  starts: readonly RecordedEvent[],
  found: Found,
): Promise<void> {
  const readUpTo = new Map<string, number>();
  const toVisit = [...starts].reverse();
  for (let event = toVisit.pop(); event && !found.isFull; event = toVisit.pop()) {
    if (found.has(event.id)) continue;
    found.add(event);
    if (!isOfRelease(event) || (readUpTo.get(event.stream) ?? -1) < event.revision) {
      readUpTo.set(event.stream, event.revision);
      toVisit.push(...(await leadingUpTo(store, event)));
    }
    toVisit.push(...(await namedCause(store, event)));
    const cause = found.has(event.causationId) ? undefined : await views.timeline.byId(event.causationId);
    if (cause) toVisit.push(await eventAt(store, cause));
  }
  if (toVisit.length > 0) found.cut();
}

/** Everything that the same request led to, and that people who had a say later led to. */
export async function addCorrelated(
  parts: ChainReading,
  { events, correlationId }: WhySubject,
  found: Found,
): Promise<void> {
  if (correlationId === null) return;
  for (const id of correlationsOf(events, correlationId)) {
    for await (const event of correlated(parts, id)) found.add(event);
  }
}

/** That of the request, and those of people who had a say later: old logs keep each as a story of its own. */
const correlationsOf = (events: readonly RecordedEvent[], first: string): ReadonlySet<string> =>
  new Set([first, ...events.flatMap((event) => (event.causationId === event.commandId ? event.correlationId : []))]);

/** What people or rules named as the cause of an incident: the release, with all that became of it. */
async function namedCause(store: Parts['store'], { type, data }: RecordedEvent): Promise<readonly RecordedEvent[]> {
  const release = type === 'IncidentCaused' ? data['cause'] : undefined;
  return typeof release === 'string' ? store.readStream(releaseStreamOf(release)) : [];
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

async function* correlated({ store, views }: ChainReading, correlationId: string): AsyncIterable<RecordedEvent> {
  let after: string | null = null;
  do {
    const page = await views.timeline.byCorrelation(correlationId, { first: MAX_PAGE, after });
    for (const entry of page.nodes) yield eventAt(store, entry);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
}
