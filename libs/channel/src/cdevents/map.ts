import { environmentName } from '@waybill/domain';
import { type Event, type RecordedEvent, derivedId } from '@waybill/kernel';
import type { About, FeedFacts } from './facts.js';
import { CDEVENTS_VERSION, type FeedData, type FeedEvent, type FeedKind, type Link, typeOf } from './schema.js';
import { FEED_TABLE, type FeedRow, type Told } from './table.js';

/**
 * What the feed tells of one event of the ledger: nothing, one event or several. Pure, and the ids come from the event
 * of the ledger: told again, the same events have the same ids.
 *
 * @param event the recorded event in its newest version
 * @param from id of the feed's event that led to it, when there is one
 */
export function tell(
  recorded: RecordedEvent,
  event: Event,
  facts: FeedFacts,
  source: string,
  from: string | undefined,
): readonly FeedEvent[] {
  const rows = (FEED_TABLE as Readonly<Record<string, readonly FeedRow[]>>)[event.type] ?? [];
  return rows.flatMap(({ kind, tell: told }) =>
    told(event.data as never, facts).map((each) => feedEvent(kind, each, recorded, event, facts, source, from)),
  );
}

/** Id of an event of the feed (RFC 9562 UUID v5). One event of the ledger may tell the same of several subjects. */
const contextId = (ledgerEvent: string, kind: FeedKind, subject: string): string =>
  derivedId('cdevent', ledgerEvent, typeOf(kind), subject);

function feedEvent(
  kind: FeedKind,
  { subject, content, location }: Told,
  recorded: RecordedEvent,
  event: Event,
  facts: FeedFacts,
  source: string,
  from: string | undefined,
): FeedEvent {
  const links = linksOf(recorded, facts, from);
  return {
    context: {
      specversion: CDEVENTS_VERSION,
      id: contextId(recorded.id, kind, subject),
      source,
      type: typeOf(kind),
      timestamp: recorded.occurredAt,
      chainId: recorded.correlationId,
      ...(links.length === 0 ? {} : { links }),
    },
    subject: { id: subject, content },
    customData: dataOf(recorded, event, facts, location),
  };
}

/**
 * The path goes back to what led here; the relation goes to the run that all of it belongs to (links.md). Tags may be
 * absent by the schema, but the Go SDK (v0.5.1) writes those as null and refuses what it wrote.
 */
function linksOf({ id }: RecordedEvent, { requested }: FeedFacts, from: string | undefined): Link[] {
  const path: Link[] = from === undefined ? [] : [{ linkType: 'PATH', from: { contextId: from }, tags: {} }];
  if (!requested || requested.id === id) return path;
  const contextIdOfRun = contextId(requested.id, 'pipelinerun.queued', requested.data.release);
  return [...path, { linkType: 'RELATION', linkKind: 'RELEASE', target: { contextId: contextIdOfRun }, tags: {} }];
}

function dataOf(
  { id, type, position, actor }: RecordedEvent,
  event: Event,
  { requested, deployment }: FeedFacts,
  location: string | undefined,
): FeedData {
  const about = event.data as About;
  const { environment } = about;
  const data: { [Name in keyof FeedData]: FeedData[Name] | null | undefined } = {
    ledgerEvent: { id, type, position },
    project: about.project ?? environment?.project ?? requested?.data.project,
    release: about.release ?? deployment?.data.release,
    trigger: requested?.data.trigger,
    branch: requested?.data.ref.kind === 'branch' ? requested.data.ref.name : undefined,
    tag: requested?.data.ref.kind === 'tag' ? requested.data.ref.name : undefined,
    commit: requested?.data.commit,
    pipelineId: requested?.data.source.pipelineId,
    jobId: requested?.data.source.jobId,
    attributes: requested?.data.source.attributes,
    environment: environment && environmentName(environment),
    slot: environment?.slot,
    location: location ?? about.location ?? environment?.location,
    tier: deployment?.data.tier,
    generation: about.generation,
    actor: { kind: actor.kind, id: actor.id },
  };
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value != null)) as FeedData;
}
