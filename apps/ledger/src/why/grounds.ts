import type { ReleaseEvent } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import { eventAt } from '../events/reading.js';
import type { ChainReading, Found } from './chain.js';

/** What a decision stood on: nobody's act caused it, but without it the decision would have been another. */
export interface Ground {
  /** Id of the event that records the decision. */
  readonly of: string;
  /** Ids of the events that it stands on. */
  readonly on: readonly string[];
}

/** A decision about a release, with the revision of its project's stream that it was made by. */
interface Decision {
  readonly id: string;
  readonly project: string;
  readonly revision: number;
  /** The rules alone, or the metadata of every role. */
  readonly by: 'rules' | 'metadata';
}

/** Finds the rules and the metadata that were in force, as the events that gave them. */
export async function groundsOf(
  { store, views }: ChainReading,
  events: readonly RecordedEvent[],
  found: Found,
): Promise<readonly Ground[]> {
  const grounds: Ground[] = [];
  for (const { id, project, revision, by } of decisionsIn(events)) {
    const inForce = await views.history.inForceAt(project, revision);
    const on = inForce.flatMap(({ part, eventId }) =>
      part !== 'name' && (part === 'rules') === (by === 'rules') ? eventId : [],
    );
    const missing = on.filter((ground) => !found.has(ground));
    for (const entry of await views.timeline.byIds(missing)) found.add(await eventAt(store, entry));
    grounds.push({ of: id, on });
  }
  return [...grounds, ...namedCauses(events)];
}

/** An incident stands on the release that was named its cause. */
export function namedCauses(events: readonly RecordedEvent[]): readonly Ground[] {
  const requests = new Map(
    events.flatMap(({ id, type, data }) => (type === 'ReleaseRequested' ? [[data['release'], id] as const] : [])),
  );
  return events.flatMap(({ id, type, data }) => {
    const request = type === 'IncidentCaused' ? requests.get(data['cause']) : undefined;
    return request === undefined ? [] : [{ of: id, on: [request] }];
  });
}

function decisionsIn(events: readonly RecordedEvent[]): readonly Decision[] {
  const projects = new Map(
    events.flatMap(({ type, data, stream }) =>
      type === 'ReleaseRequested' ? [[stream, String(data['project'])] as const] : [],
    ),
  );
  return events.flatMap(({ id, type, data, stream }) => {
    const project = projects.get(stream);
    const [field, by] = DECIDED[type as ReleaseEvent['type']] ?? [];
    const revision = field === undefined ? undefined : data[field];
    return project !== undefined && by !== undefined && typeof revision === 'number'
      ? [{ id, project, revision, by }]
      : [];
  });
}

/** Decisions and where they say by which revision they were made. */
const DECIDED: Partial<Record<ReleaseEvent['type'], readonly [field: string, by: Decision['by']]>> = {
  BranchMatched: ['rulesRevision', 'rules'],
  BranchUnmatched: ['rulesRevision', 'rules'],
  ReleasePlanned: ['metadataRevision', 'metadata'],
};
