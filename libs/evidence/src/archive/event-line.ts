import { MAX_LINE_BYTES } from './format.js';

/** What a verifier needs of an event, read from the end of its line. */
export interface EventLine {
  readonly previousHash: string;
  readonly revision: number;
  /** As it stands in the line, JSON escapes and all, one character a byte: the same stream always looks the same. */
  readonly stream: string;
  readonly type: string;
}

/**
 * The last six members of the text of an event. RFC 8785 sorts keys, and only texts and numbers stand behind `data`:
 * nothing inside `data` can look like the end of the line, for quotes within a JSON text are escaped.
 */
const TAIL =
  /"previousHash":"([0-9a-f]{64})","recordedAt":"[^"\\]{24}","revision":(0|[1-9]\d{0,15}),"stream":"((?:[^"\\]|\\.)+)","type":"((?:[^"\\]|\\.)+)","version":[1-9]\d{0,8}\}$/;

/** Long enough for the usual stream name, for any, and for any type. Bytes. */
const TAIL_BYTES = [400, 4_000, MAX_LINE_BYTES] as const;

/** Undefined: the line does not end as the text of an event does. */
export function readEventLine(line: Buffer): EventLine | undefined {
  for (const bytes of TAIL_BYTES) {
    const match = TAIL.exec(line.toString('latin1', Math.max(0, line.length - bytes)));
    if (match) return { previousHash: match[1]!, revision: Number(match[2]), stream: match[3]!, type: match[4]! };
    if (line.length <= bytes) return undefined;
  }
  return undefined;
}

/** The stream's name in words, from {@link EventLine.stream}. */
export function streamName(raw: string): string {
  const text = Buffer.from(raw, 'latin1').toString('utf8');
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
