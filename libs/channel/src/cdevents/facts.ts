import {
  type EnvironmentEvent,
  type EnvironmentId,
  type ReleaseEvent,
  deploymentStreamOf,
  environmentName,
  environmentStreamOf,
  projectStreamOf,
  releaseStreamOf,
  slotOf,
} from '@waybill/domain';
import { type EventCatalogue, type EventStore, type RecordedEvent, newestKept } from '@waybill/kernel';

type Requested = Extract<ReleaseEvent, { type: 'ReleaseRequested' }>['data'];
type Generation = Extract<EnvironmentEvent, { type: 'DeploymentRequested' }>['data'];

/** What an event means besides what it says itself: found in events before it, so it is the same for ever. */
export interface FeedFacts {
  /** What asked for the release that the event belongs to. */
  readonly requested: { readonly id: string; readonly data: Requested } | undefined;
  /** What asked for the generation that the event belongs to; undefined for a removal. */
  readonly deployment: { readonly id: string; readonly data: Generation } | undefined;
  /** The generation was seen healthy by an earlier event. */
  readonly healthyBefore: boolean;
  /** Names a thing of this ledger: a name, no address. */
  uriOf(kind: string, id: string): string;
}

/** The parts of an event's data that say what it is about. */
export interface About {
  readonly release?: string | null;
  readonly project?: string;
  readonly environment?: EnvironmentId;
  readonly generation?: number | null;
  readonly location?: string;
}

export interface FeedHistory {
  factsOf(recorded: RecordedEvent): Promise<FeedFacts>;
  /** The event that led to this one; undefined when a person or a pipeline asked. */
  causeOf(recorded: RecordedEvent): Promise<RecordedEvent | undefined>;
}

/** Events kept of all streams together: about a kilobyte each. */
const MOST_EVENTS = 10_000;
const PAGE = 64;

/** The source of all events of a ledger (RFC 3986): it names the ledger and is where nobody needs to answer. */
export const sourceOf = (ledger: string): string => `waybill://${encodeURIComponent(ledger)}`;

/** Reads what the feed needs to know around an event. Streams only grow, so what was read once stays true. */
export function createFeedHistory({
  store,
  catalogue,
}: {
  readonly store: Pick<EventStore, 'ledgerId' | 'readStream'>;
  readonly catalogue: EventCatalogue;
}): FeedHistory {
  const streams = newestKept<RecordedEvent[]>(MOST_EVENTS);
  const uriOf = (kind: string, id: string): string => `${sourceOf(store.ledgerId)}/${kind}/${encodeURIComponent(id)}`;

  /** The first event of the stream that is wanted, reading on from where it was read to. */
  async function find(stream: string, wanted: (event: RecordedEvent) => boolean): Promise<RecordedEvent | undefined> {
    const known = streams.get(stream) ?? [];
    const found = known.find(wanted);
    if (found) return found;
    for (;;) {
      const page = await store.readStream(stream, { from: known.length, limit: PAGE });
      known.push(...page);
      streams.set(stream, known, 1 + known.length);
      const next = page.find(wanted);
      if (next || page.length < PAGE) return next;
    }
  }

  /** Each generation takes one event at least: that of generation `n` has the revision `n - 1` or a later one. */
  async function generationOf(environment: EnvironmentId, generation: number): Promise<RecordedEvent | undefined> {
    const key = `${environmentName(environment)}.${generation}`;
    const [kept] = streams.get(key) ?? [];
    if (kept) return kept;
    for (let from = generation - 1; ; from += PAGE) {
      const page = await store.readStream(environmentStreamOf(environment), { from, limit: PAGE });
      const found = page.find(({ type, data }) => STARTS.has(type) && data['generation'] === generation);
      if (found) streams.set(key, [found], 2);
      if (found || page.length < PAGE) return found;
    }
  }

  async function requestOf(release: string): Promise<FeedFacts['requested']> {
    const first = await find(releaseStreamOf(release), ({ revision }) => revision === 0);
    return first && { id: first.id, data: catalogue.upcast<{ type: string; data: Requested }>(first).data };
  }

  async function factsOf(recorded: RecordedEvent): Promise<FeedFacts> {
    const about = recorded.data as About;
    const { environment, generation, release } = about;
    const started = environment && generation ? await generationOf(environment, generation) : undefined;
    const deployment =
      started?.type === 'DeploymentRequested'
        ? { id: started.id, data: catalogue.upcast<{ type: string; data: Generation }>(started).data }
        : undefined;
    const of = release ?? deployment?.data.release;
    return {
      requested: of === undefined ? undefined : await requestOf(of),
      deployment,
      healthyBefore: recorded.type === HEALTHY && (await wasHealthyBefore(recorded)),
      uriOf,
    };
  }

  async function wasHealthyBefore({ stream, revision }: RecordedEvent): Promise<boolean> {
    const first = await find(stream, ({ type }) => type === HEALTHY);
    return first !== undefined && first.revision < revision;
  }

  async function causeOf(recorded: RecordedEvent): Promise<RecordedEvent | undefined> {
    if (recorded.causationId === recorded.commandId) return undefined;
    const isCause = ({ id }: RecordedEvent): boolean => id === recorded.causationId;
    const about = recorded.data as About;
    const { requested } = await factsOf(recorded);
    const environment = about.environment ?? environmentAt(about, requested?.data);
    if (environment && about.generation) {
      const started = await generationOf(environment, about.generation);
      if (started && isCause(started)) return started;
    }
    for (const stream of streamsAround(about, environment, requested?.data, recorded)) {
      const found = await find(stream, isCause);
      if (found) return found;
    }
    return undefined;
  }

  return { factsOf, causeOf };
}

const HEALTHY = 'DeploymentHealthy';
const STARTS = new Set(['DeploymentRequested', 'EnvironmentRemovalRequested']);

/** What a deleted branch leads to. */
const FROM_PROJECT = new Set(['EnvironmentRemovalRequested', 'EnvironmentClosed', 'ReleaseCancelled']);

/** A location of a release, when its event names no environment. */
function environmentAt({ location }: About, requested: Requested | undefined): EnvironmentId | undefined {
  if (location === undefined || !requested) return undefined;
  const { project, ref } = requested;
  return { project, slot: slotOf(project, ref), location };
}

/** Where the cause of an event can stand: what it is about itself, and what that belongs to. */
function streamsAround(
  { release, generation }: About,
  environment: EnvironmentId | undefined,
  requested: Requested | undefined,
  { type, stream }: RecordedEvent,
): ReadonlySet<string> {
  const project = environment?.project ?? requested?.project;
  return new Set([
    ...(release ? [releaseStreamOf(release)] : []),
    ...(environment && generation ? [deploymentStreamOf(environment, generation)] : []),
    ...(FROM_PROJECT.has(type) && project !== undefined ? [projectStreamOf(project)] : []),
    stream,
  ]);
}
