import { Directive, environmentName } from '@waybill/domain';
import type { KafkaMessage } from 'kafkajs';
import { z } from 'zod';
import type { DeadLetter, UnreadableRecord } from '../channel.js';
import { DesiredRecord } from '../desired-state.js';
import { Report, locationOf } from '../report.js';

/** Why a record was put aside. */
export type DeadLetterReason = DeadLetter['reason'];

/** What cannot be taken, now or ever: nothing that trying again would change. */
export interface Poison {
  readonly reason: DeadLetterReason;
  /** One sentence; quotes nothing of the record but names of fields. */
  readonly message: string;
}

export type Read<T> = { readonly value: T } | { readonly poison: Poison };

export const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A report of `location`. Whoever may write the location's topic may speak for that location and for no other. */
export function readReport(message: Pick<KafkaMessage, 'key' | 'value'>, location: string): Read<Report> {
  const read = readJson(message.value, Report, 'report');
  if ('poison' in read) return read;
  const told = locationOf(read.value);
  if (told !== location) {
    return poison('wrong-location', `it stands on the topic of ${location} and is a report of ${told}`);
  }
  const key = message.key?.toString();
  if (key !== undefined && key !== location) {
    return poison('wrong-key', `it stands on the topic of ${location} under another key`);
  }
  return read;
}

export function readDesired(message: Pick<KafkaMessage, 'key' | 'value'>, location: string): Read<DesiredRecord> {
  const read = readJson(message.value, DesiredRecord, 'desired-record');
  if ('poison' in read) return read;
  const { environment } = read.value;
  if (environment.location !== location) {
    return poison('wrong-location', `it stands on the topic of ${location} and is meant for ${environment.location}`);
  }
  if (message.key?.toString() !== environmentName(environment)) {
    return poison('wrong-key', `it is about ${environmentName(environment)} and stands under another key`);
  }
  return read;
}

/** What can be told of a desired record that cannot be taken: whose it is and which generation. */
const Outline = z.object({
  environment: DesiredRecord.shape.environment,
  generation: DesiredRecord.shape.generation,
  release: DesiredRecord.shape.release.catch(null),
  directive: z.object({ seq: Directive.shape.seq }).nullable().catch(null),
});

/** With the number of its directive, 0 without one; one of a newer schema stands below all of its generation, at -1. */
export function outlineOf(value: Buffer | null): (UnreadableRecord & { readonly seq: number }) | undefined {
  const json = parse(value);
  const outline = json && Outline.safeParse(json.value);
  if (!outline?.success) return undefined;
  const { directive, ...about } = outline.data;
  const isNewer = newerSchema(json?.value, 'desired-record') !== undefined;
  return { ...about, seq: isNewer ? -1 : (directive?.seq ?? 0) };
}

function readJson<T>(value: Buffer | null, schema: z.ZodType<T>, name: string): Read<T> {
  const json = parse(value);
  if (!json) return poison('undecodable', 'it is no JSON text in UTF-8');
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { value: parsed.data };
  const newer = newerSchema(json.value, name);
  if (newer !== undefined) {
    return poison('newer-schema', `it is of schema ${newer}, which this version of Waybill does not know`);
  }
  const [issue] = parsed.error.issues;
  return poison('invalid', `${issue!.path.join('.') || 'it'}: ${issue!.message}`.slice(0, 300));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function parse(value: Buffer | null): { readonly value: unknown } | undefined {
  if (value === null) return undefined;
  try {
    return { value: JSON.parse(UTF8.decode(value)) as unknown };
  } catch {
    return undefined;
  }
}

const KNOWN_VERSION = 1;

/** The schema that the record, or the desired state inside it, names when it is of a later version than ours. */
function newerSchema(value: unknown, name: string): string | undefined {
  const outer = value as { readonly schema?: unknown; readonly desired?: { readonly schema?: unknown } | null } | null;
  for (const [schema, what] of [
    [outer?.schema, name],
    [outer?.desired?.schema, 'desired-state'],
  ] as const) {
    const version = typeof schema === 'string' ? new RegExp(`^waybill\\.dev/${what}/v(\\d{1,4})$`).exec(schema) : null;
    if (Number(version?.[1]) > KNOWN_VERSION) return version![0];
  }
  return undefined;
}

const poison = (reason: DeadLetterReason, message: string): { readonly poison: Poison } => ({
  poison: { reason, message },
});
