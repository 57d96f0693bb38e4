import { categoryOf, incidentStreamOf, releaseStreamOf } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import { eventAt } from '../events/reading.js';
import type { ChainReading, Found } from './chain.js';

/** Events that are looked at in one step: their effects are looked up together. */
const STEP = 100;

/** Releases that used what an event of a project told, at most: of a rule that is old there may be any number. */
const MOST_RELEASES = 10;

/** Walks from each event to what it led to, down to what a cluster did. */
export async function addEffects(parts: ChainReading, starts: readonly RecordedEvent[], found: Found): Promise<void> {
  for (const event of starts) found.add(event);
  let level = [...starts, ...(await followingIn(parts, starts)), ...(await usesOf(parts, starts, found))];
  const seen = new Set<string>();
  while (level.length > 0 && !found.isFull) {
    for (const event of level) {
      found.add(event);
      if (event.type === 'ReleaseRequested') seen.add(String(event.data['release']));
    }
    const next: RecordedEvent[] = [];
    for (let at = 0; at < level.length; at += STEP) {
      const ids = level.slice(at, at + STEP).map(({ id }) => id);
      const entries = await parts.views.timeline.causedByAny(ids, STEP + 1);
      if (entries.length > STEP) found.cut();
      for (const entry of entries.slice(0, STEP)) {
        if (!found.has(entry.id)) next.push(await eventAt(parts.store, entry));
      }
    }
    level = next;
  }
  if (level.length > 0) found.cut();
  await addIncidents(parts, seen, found);
}

/** Incidents that a release on the way was named the cause of. */
async function addIncidents(
  { store, views }: ChainReading,
  releases: ReadonlySet<string>,
  found: Found,
): Promise<void> {
  for (const incidents of await views.incidents.ofCauses([...releases])) {
    for (const { incident } of incidents) {
      for (const event of await store.readStream(incidentStreamOf(incident))) found.add(event);
    }
  }
}

/**
 * What came after an event in the stream of its release, and what the same command wrote elsewhere: a command names no
 * event as its cause, but without the request nobody could have agreed to it.
 */
async function followingIn(
  { store }: ChainReading,
  starts: readonly RecordedEvent[],
): Promise<readonly RecordedEvent[]> {
  const following: RecordedEvent[] = [];
  const read = new Set<string>();
  for (const { stream, revision, commandId } of starts) {
    if (read.has(stream)) continue;
    read.add(stream);
    const ofRelease = categoryOf(stream) === 'release';
    const later = await store.readStream(stream, { from: revision + 1, ...(ofRelease ? {} : { limit: 10 }) });
    following.push(...later.filter((event) => ofRelease || event.commandId === commandId));
  }
  return following;
}

/**
 * Releases that rules or metadata were used for name their revision only. The newest ones that were asked for while
 * the event was in force are taken, with what decided about them.
 */
async function usesOf(
  { store, views }: ChainReading,
  starts: readonly RecordedEvent[],
  found: Found,
): Promise<readonly RecordedEvent[]> {
  const uses: RecordedEvent[] = [];
  for (const event of starts) {
    if (categoryOf(event.stream) !== 'project') continue;
    const project = String(event.data['project']);
    const from = Number(event.position);
    const until = await views.history.replacedAt(project, from);
    const { nodes, pageInfo } = await views.search.find({
      anyOf: [[{ field: 'event', project, from, until }]],
      first: MOST_RELEASES,
    });
    if (pageInfo.hasNextPage) found.cut();
    for (const { release } of nodes)
      if (release !== null) uses.push(...(await store.readStream(releaseStreamOf(release))));
  }
  return uses;
}
