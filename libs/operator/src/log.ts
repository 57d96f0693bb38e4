import type { DesiredRecord } from '@waybill/channel';
import { environmentName } from '@waybill/domain';

/** Where the operator's lines go. Each is one line: words, then `name=value` pairs that tools can search. */
export interface OperatorLog {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

export type Fields = Readonly<Record<string, string | number | null | undefined>>;

/** The words and the fields that have a value. Values with spaces, quotes or control characters are JSON strings. */
export function logLine(words: string, fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined || value === null) return [];
    const text = String(value);
    return [`${name}=${/^[^\s"=\x00-\x1f\x7f]+$/.test(text) ? text : JSON.stringify(text)}`];
  });
  return [words, ...pairs].join(' ');
}

/** The ids people search by. */
export function traceOf({ environment, generation, release, desired }: DesiredRecord): Fields {
  return {
    environment: environmentName(environment),
    generation,
    release,
    ...(desired && {
      [desired.ref.kind]: desired.ref.name,
      pipelineId: desired.trace.pipelineId,
      jobId: desired.trace.jobId,
    }),
  };
}
