import type { z } from 'zod';
import { canonicalText } from './canonical.js';
import { WaybillError, isWaybillError, type FieldProblem } from './errors.js';
import type { Event, JsonObject, RecordedEvent } from './event.js';

/** Turns data of version n into data of version n + 1. */
export type Upcast = (data: JsonObject) => JsonObject;

/** One type of event: the schema of its newest version, a line of documentation, and how old shapes become new. */
export interface EventDefinition<Data extends z.ZodType = z.ZodType> {
  readonly version: number;
  readonly doc: string;
  readonly data: Data;
  /** Keyed by the version it starts from: `{ 1: v1 => v2 }`. One for each version below `version`. */
  readonly upcast?: Readonly<Record<number, Upcast>>;
  /** What each version after the first changed, in a sentence. Keyed by the version: `{ 2: '…' }`. */
  readonly changed?: Readonly<Record<number, string>>;
}

export type EventDefinitions = Readonly<Record<string, EventDefinition>>;

/** The union of events that a table of definitions describes. */
export type EventsOf<Definitions extends EventDefinitions> = {
  [Type in keyof Definitions & string]: Event<Type, z.infer<Definitions[Type]['data']>>;
}[keyof Definitions & string];

/** The events of one kind of stream: `<category>-<id>`. */
export interface StreamDefinition<Definitions extends EventDefinitions = EventDefinitions> {
  readonly category: string;
  readonly doc: string;
  readonly events: Definitions;
}

export function defineStream<const Definitions extends EventDefinitions>(
  category: string,
  doc: string,
  events: Definitions,
): StreamDefinition<Definitions> {
  return { category, doc, events };
}

/** Every event type there is. Checks what is written, and lifts what is read to the newest version. */
export class EventCatalogue {
  readonly streams: readonly StreamDefinition[];
  private readonly byType = new Map<string, EventDefinition>();

  constructor(streams: readonly StreamDefinition[]) {
    this.streams = streams;
    for (const stream of streams) {
      for (const [type, definition] of Object.entries(stream.events)) {
        if (this.byType.has(type)) throw new Error(`event type ${type} is defined twice`);
        for (let from = 1; from < definition.version; from++) {
          if (!definition.upcast?.[from]) throw new Error(`event ${type} lacks an upcaster from version ${from}`);
          if (!definition.changed?.[from + 1])
            throw new Error(`event ${type} does not say what version ${from + 1} changed`);
        }
        this.byType.set(type, definition);
      }
    }
  }

  definition(type: string): EventDefinition {
    const found = this.byType.get(type);
    if (!found) {
      throw new WaybillError('UNKNOWN_EVENT', `no event type is called ${type}`, {
        hint: 'The log was written by a newer Waybill: upgrade this one.',
      });
    }
    return found;
  }

  /** Checks data against the newest schema. Throws `INVALID_EVENT` naming each field. */
  check(event: Event): { version: number; data: JsonObject } {
    const definition = this.definition(event.type);
    const parsed = definition.data.safeParse(event.data);
    if (!parsed.success) {
      const fields = fieldProblems(parsed.error);
      throw new WaybillError(
        'INVALID_EVENT',
        `${event.type} is not well-formed: ${fields.map((p) => `${p.field}: ${p.message}`).join('; ')}`,
        { fields },
      );
    }
    return { version: definition.version, data: parsed.data as JsonObject };
  }

  /** The event in its newest version, in the shape that `evolve` takes. */
  upcast<E extends Event = Event>(recorded: Pick<RecordedEvent, 'type' | 'version' | 'data'>): E {
    const definition = this.definition(recorded.type);
    if (recorded.version > definition.version) {
      throw new WaybillError(
        'UNKNOWN_EVENT',
        `${recorded.type} was written in version ${recorded.version}; this Waybill knows ${definition.version}`,
        { hint: 'Upgrade this Waybill.' },
      );
    }
    let data = recorded.data;
    for (let from = recorded.version; from < definition.version; from++) {
      data = definition.upcast![from]!(data);
    }
    return { type: recorded.type, data } as E;
  }
}

/** Zod's issues as dotted paths and words. */
export function fieldProblems(error: z.ZodError): { field: string; message: string }[] {
  return error.issues.map((issue) => ({
    field: issue.path.map(String).join('.') || '(root)',
    message: issue.code === 'unrecognized_keys' ? `unknown field ${issue.keys.join(', ')}` : issue.message,
  }));
}

/**
 * Parses input of a person or a program; throws `INVALID_INPUT` naming each field, also for what a schema lets through
 * and JSON (RFC 7493) cannot carry, such as a lone surrogate: no event could be made of it.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(input);
  const fields = parsed.success ? outsideJson(parsed.data) : fieldProblems(parsed.error);
  if (parsed.success && fields.length === 0) return parsed.data;
  throw new WaybillError('INVALID_INPUT', `${what}: ${fields.map((p) => `${p.field}: ${p.message}`).join('; ')}`, {
    fields,
  });
}

function outsideJson(value: unknown): readonly FieldProblem[] {
  try {
    canonicalText(value);
    return [];
  } catch (error) {
    if (isWaybillError(error, 'INVALID_EVENT')) return error.fields;
    throw error;
  }
}
