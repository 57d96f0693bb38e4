import { WaybillError } from '@waybill/kernel';

/**
 * The lines of an archive, told apart by their first characters; docs/evidence.md says what each holds. An event line is
 * the very text that was hashed: RFC 8785 sorts keys, so it begins with `actor`.
 */
export const EVENT_START = '{"actor":';
export const SEALED_START = '{"sealed":[';
export const END_START = '{"end":{';

export const ARCHIVE_VERSION = 1;

/** Most hashes in one line of them. */
export const SEALED_PER_LINE = 1000;

/** No line of an archive is longer. An event has 1,000,000 bytes at most. Bytes. */
export const MAX_LINE_BYTES = 2_000_000;

export function headerLine(ledgerId: string): string {
  return JSON.stringify({ archive: 'waybill', version: ARCHIVE_VERSION, ledgerId });
}

/** The ledger that an archive is of. Throws `INVALID_INPUT` when the line is not the first of an archive. */
export function parseHeader(line: string): string {
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch {
    throw notAnArchive('its first line is not JSON');
  }
  const { archive, version, ledgerId } = (header ?? {}) as Record<string, unknown>;
  if (archive !== 'waybill') throw notAnArchive('its first line does not say so');
  if (version !== ARCHIVE_VERSION) {
    throw new WaybillError('INVALID_INPUT', `this archive has version ${String(version)}, not ${ARCHIVE_VERSION}`, {
      hint: 'It was written by a newer Waybill: use that one to verify it.',
    });
  }
  if (typeof ledgerId !== 'string' || ledgerId === '') throw notAnArchive('its first line names no ledger');
  return ledgerId;
}

/** Hashes of the events that the checkpoint before sealed: they only serve to name what was changed. */
export function sealedLine(hashes: readonly string[]): string {
  return `${SEALED_START}${hashes.map((hash) => `"${hash}"`).join(',')}]}`;
}

/** Undefined: not a line of hashes. */
export function parseSealed(line: string): readonly string[] | undefined {
  const body = new RegExp(`^${escaped(SEALED_START)}("[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*)\\]\\}$`).exec(line)?.[1];
  return body?.split(',').map((quoted) => quoted.slice(1, -1));
}

export function endLine(events: number): string {
  return `${END_START}"events":${events}}}`;
}

/** Undefined: not an end line. */
export function parseEnd(line: string): number | undefined {
  const digits = /^\{"end":\{"events":(\d{1,15})\}\}$/.exec(line)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const escaped = (text: string): string => text.replace(/[[\]{}]/g, '\\$&');

function notAnArchive(why: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `this is not an archive of a ledger: ${why}`, {
    hint: 'Give a file that waybill export wrote.',
  });
}
