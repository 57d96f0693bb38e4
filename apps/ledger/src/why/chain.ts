import { comparePositions, type RecordedEvent } from '@waybill/kernel';
import type { Parts } from '../parts.js';
import { addCauses, addCorrelated } from './causes.js';
import { addEffects } from './effects.js';
import { type Ground, groundsOf, namedCauses } from './grounds.js';
import type { WhySubject } from './subject.js';

export type Direction = 'causes' | 'effects' | 'both';

export interface Link {
  readonly event: RecordedEvent;
  /** How many of the other events had to come first for it; 0 for what a person or a pipeline asked. */
  readonly depth: number;
  /** Ids of the events that it follows from: what caused it first, then what it stands on. */
  readonly because: readonly string[];
}

export interface Chain {
  readonly links: readonly Link[];
  /** True when there is more than was looked at. */
  readonly cut: boolean;
}

/** The events that were found so far; no more are taken once there are enough to explain anything. */
export interface Found {
  has(id: string): boolean;
  readonly size: number;
  readonly isFull: boolean;
  add(event: RecordedEvent): void;
  /** There was more to look at than was looked at. */
  cut(): void;
}

export type ChainReading = Pick<Parts, 'store' | 'views'>;

/** More steps than this explain nothing; the oldest and what led to the subject are kept. */
const MOST = 500;

/** The events of a subject with what led to them, or what they led to, in the order of the log. */
export async function chainOf(parts: ChainReading, subject: WhySubject, direction: Direction): Promise<Chain> {
  const events = new Map<string, RecordedEvent>();
  let isCut = false;
  const found: Found = {
    has: (id) => events.has(id),
    get size() {
      return events.size;
    },
    get isFull() {
      return events.size >= MOST;
    },
    add(event) {
      if (events.size < MOST || events.has(event.id)) events.set(event.id, event);
      else isCut = true;
    },
    cut() {
      isCut = true;
    },
  };
  let grounds: readonly Ground[] = [];
  if (direction !== 'effects') {
    await addCauses(parts, subject.events, found);
    if (direction === 'causes' && subject.correlationId !== null) await addCorrelated(parts, subject, found);
    grounds = await groundsOf(parts, [...events.values()], found);
  }
  if (direction !== 'causes') {
    await addEffects(parts, subject.events, found);
    grounds = [...grounds, ...namedCauses([...events.values()])];
  }
  const ordered = [...events.values()].sort((a, b) => comparePositions(a.position, b.position));
  return { links: linked(ordered, grounds), cut: isCut };
}

/** What a command wrote behind its first event follows from that one: it is known by the command alone. */
function linked(ordered: readonly RecordedEvent[], grounds: readonly Ground[]): readonly Link[] {
  const depths = new Map<string, number>();
  const firsts = new Map<string, RecordedEvent>();
  return ordered.map((event) => {
    const command = `${event.commandId} ${event.stream}`;
    const first = firsts.get(command);
    const cause = first?.id ?? (depths.has(event.causationId) ? event.causationId : undefined);
    const depth = cause === undefined ? 0 : depths.get(cause)! + 1;
    depths.set(event.id, depth);
    if (!first) firsts.set(command, event);
    const standsOn = grounds.flatMap(({ of, on }) => (of === event.id ? on : []));
    return { event, depth, because: [...(cause === undefined ? [] : [cause]), ...standsOn] };
  });
}
