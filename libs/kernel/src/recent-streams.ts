import type { Decider } from './decider.js';
import type { Event } from './event.js';
import type { Loaded } from './handle-command.js';
import { newestKept } from './newest-kept.js';

type Evolving<State, E extends Event> = Pick<Decider<State, never, E>, 'initialState' | 'evolve'>;

/**
 * Streams as they were loaded last. What was written since is read from the store each time, so that an entry is never
 * out of date: it only saves reading and evolving again what cannot have changed.
 */
export interface RecentStreams {
  get<State, E extends Event>(decider: Evolving<State, E>, stream: string): Loaded<State> | undefined;
  set<State, E extends Event>(decider: Evolving<State, E>, stream: string, loaded: Loaded<State>): void;
}

/** Events kept of all streams together: a few kilobytes each. */
const MOST_EVENTS = 10_000;

export function createRecentStreams(mostEvents = MOST_EVENTS): RecentStreams {
  const kept = newestKept<{ readonly decider: unknown; readonly loaded: Loaded<unknown> }>(mostEvents);
  return {
    get<State>(decider: unknown, stream: string) {
      const entry = kept.get(stream);
      // Another decider makes another state of the same events.
      return entry?.decider === decider ? (entry?.loaded as Loaded<State> | undefined) : undefined;
    },
    set: (decider, stream, loaded) => kept.set(stream, { decider, loaded }, 1 + loaded.events.length),
  };
}
