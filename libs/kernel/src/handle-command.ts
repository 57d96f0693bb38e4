import type { EventCatalogue } from './catalogue.js';
import type { Command, Decider } from './decider.js';
import { WaybillError, isWaybillError } from './errors.js';
import type { Event, EventToAppend, Position, RecordedEvent } from './event.js';
import type { EventStore } from './event-store.js';
import { canonicalText } from './canonical.js';
import { sha256 } from './hashing.js';
import { eventId } from './ids.js';
import type { RecentStreams } from './recent-streams.js';

export interface CommandResult<State> {
  readonly state: State;
  /** What the command wrote, or wrote the first time. Empty: there was nothing to do. */
  readonly events: readonly RecordedEvent[];
  /** Revision of the stream's last event, -1 for a stream without events. */
  readonly revision: number;
  /** Position of the last event in `events`; undefined when there are none. */
  readonly position: Position | undefined;
  readonly repeated: boolean;
}

export interface Loaded<State> {
  readonly state: State;
  readonly events: readonly RecordedEvent[];
  readonly revision: number;
}

export interface CommandDependencies {
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  /** Spares reading a stream from its start each time. */
  readonly recent?: RecentStreams;
}

/** Losing a race this many times in a row is reported instead of tried again. */
const MAX_ATTEMPTS = 8;

/** A reported instant further ahead of ours than this is taken back to ours. Milliseconds. */
const MAX_FUTURE = 5 * 60_000;

export async function loadStream<State, E extends Event>(
  { store, catalogue, recent }: CommandDependencies,
  decider: Pick<Decider<State, never, E>, 'initialState' | 'evolve'>,
  stream: string,
): Promise<Loaded<State>> {
  const known = recent?.get(decider, stream);
  const newer = await store.readStream(stream, known ? { from: known.revision + 1 } : {});
  if (known && newer.length === 0) return known;
  const state = evolveAll<State, E>(catalogue, decider, known?.state ?? decider.initialState, newer);
  const events = known ? [...known.events, ...newer] : newer;
  const loaded = { state, events, revision: events.length - 1 };
  recent?.set(decider, stream, loaded);
  return loaded;
}

function evolveAll<State, E extends Event>(
  catalogue: EventCatalogue,
  decider: Pick<Decider<State, never, E>, 'evolve'>,
  from: State,
  events: readonly RecordedEvent[],
): State {
  let state = from;
  for (const event of events) state = decider.evolve(state, catalogue.upcast<E>(event));
  return state;
}

/**
 * Load, decide, append with the revision that was loaded; on a lost race load and decide again, a bounded number of
 * times. A commandId that the stream already holds returns the first result and writes nothing, also when others
 * wrote since; with other content, or on another stream, it is a `COMMAND_ID_CONFLICT`.
 * After `STORE_UNAVAILABLE` repeat the same command: it is not known whether its events were written.
 */
export async function handleCommand<State, C extends Command, E extends Event>(
  dependencies: CommandDependencies,
  decider: Decider<State, C, E>,
  stream: string,
  command: C,
): Promise<CommandResult<State>> {
  return handleCommands(dependencies, decider, stream, [command]);
}

/**
 * {@link handleCommand} for several commands on one stream, in one append: each is decided on what the ones before it
 * left, and keeps its own id. When one is refused, nothing is written. The result is that of all together.
 */
export async function handleCommands<State, C extends Command, E extends Event>(
  dependencies: CommandDependencies,
  decider: Decider<State, C, E>,
  stream: string,
  commands: readonly C[],
): Promise<CommandResult<State>> {
  const { store, catalogue } = dependencies;
  const asked = commands.map((command) => ({ command, digest: commandDigest(command) }));
  let conflict: { readonly pending: number; readonly error: unknown } | undefined;
  for (let attempt = 1; ; attempt++) {
    const { state, events: before, revision } = await loadStream<State, E>(dependencies, decider, stream);
    const earlier: RecordedEvent[] = [];
    const pending = asked.filter((one) => {
      const found = earlierEvents(before, stream, one);
      earlier.push(...found);
      return found.length === 0;
    });
    if (conflict?.pending === pending.length) throw usedBefore(pending, 'another stream', conflict.error);
    const toAppend = decideAll(catalogue, decider, state, pending);
    if (toAppend.length === 0) {
      return { state, events: earlier, revision, position: earlier.at(-1)?.position, repeated: earlier.length > 0 };
    }
    try {
      const { events, position, repeated } = await store.append(
        stream,
        toAppend,
        revision === -1 ? 'no-stream' : revision,
      );
      // Sent twice at once, and the other was faster: others may have written behind it, so look again.
      if (repeated) continue;
      const next = evolveAll<State, E>(catalogue, decider, state, events);
      const all = [...earlier, ...events];
      return { state: next, events: all, revision: events.at(-1)!.revision, position, repeated: false };
    } catch (error) {
      // The ids exist. Either this very command was faster, with a later clock or other context, and is found in the
      // stream now; or the command id belongs to another stream.
      if (isWaybillError(error, 'EVENT_ID_CONFLICT')) conflict = { pending: pending.length, error };
      else if (!isWaybillError(error, 'REVISION_CONFLICT') || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

interface Asked<C extends Command = Command> {
  readonly command: C;
  readonly digest: string;
}

function decideAll<State, C extends Command, E extends Event>(
  catalogue: EventCatalogue,
  decider: Decider<State, C, E>,
  from: State,
  pending: readonly Asked<C>[],
): EventToAppend[] {
  let state = from;
  return pending.flatMap(({ command, digest }, index) => {
    const decided = decider.decide(command, state);
    if (index < pending.length - 1) for (const event of decided) state = decider.evolve(state, event);
    return decided.map((event, i) => envelope(catalogue, command, digest, event, i));
  });
}

/** What the command wrote before. */
function earlierEvents(events: readonly RecordedEvent[], stream: string, asked: Asked): readonly RecordedEvent[] {
  const earlier = events.filter((event) => event.commandId === asked.command.metadata.commandId);
  if (earlier.some(({ commandDigest }) => commandDigest !== asked.digest)) {
    throw usedBefore([asked], `${stream} for something else`);
  }
  return earlier;
}

function usedBefore(asked: readonly Asked[], where: string, cause?: unknown): WaybillError {
  const ids = asked.map(({ command }) => command.metadata.commandId).join(' or ');
  return new WaybillError('COMMAND_ID_CONFLICT', `command id ${ids} was already used on ${where}`, {
    hint: 'Use a new command id for a new command; repeat the same content to retry.',
    cause,
  });
}

/** SHA-256 of what the caller asked for: type and data, without context and metadata. */
export function commandDigest(command: Pick<Command, 'type' | 'data'>): string {
  return sha256(canonicalText({ type: command.type, data: command.data }));
}

function envelope(
  catalogue: EventCatalogue,
  command: Command,
  digest: string,
  event: Event,
  index: number,
): EventToAppend {
  const { commandId, actor, now, correlationId, causationId } = command.metadata;
  const { version, data } = catalogue.check(event);
  return {
    id: eventId(commandId, index),
    type: event.type,
    version,
    occurredAt: now,
    actor,
    commandId,
    commandDigest: digest,
    correlationId,
    causationId,
    data,
  };
}

/**
 * `occurredAt` of something reported by another clock: kept as it is, unless it lies more than five minutes ahead of
 * ours; then ours, flagged.
 */
export function clampOccurredAt(reported: string, now: string): { occurredAt: string; clamped: boolean } {
  const ahead = Date.parse(reported) - Date.parse(now);
  return Number.isNaN(ahead) || ahead > MAX_FUTURE
    ? { occurredAt: now, clamped: true }
    : { occurredAt: new Date(reported).toISOString(), clamped: false };
}
