import { WaybillError } from '@waybill/kernel';
import type { VerifierKey } from '../note/keys.js';
import { MAX_LINE_BYTES } from './format.js';
import type { GivenCheckpoint } from './given-checkpoint.js';
import { createLineChecks, type LineChecks } from './line-checks.js';
import type { Verdict } from './verdict.js';

export interface VerifyOptions {
  readonly key: VerifierKey;
  readonly checkpoint?: GivenCheckpoint | undefined;
  /** Called now and then with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
}

const NEWLINE = 0x0a;

/**
 * Checks an archive of any length in little memory. Throws `INVALID_INPUT` when it is none; everything that is wrong
 * with one is the verdict's `problem`.
 */
export async function verifyArchive(chunks: AsyncIterable<Buffer>, options: VerifyOptions): Promise<Verdict> {
  let checks: LineChecks | undefined;
  let rest: Buffer = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, start)) {
      const line = text.subarray(start, end);
      start = end + 1;
      if (!checks && line.length > MAX_LINE_BYTES) break;
      if (!checks) checks = createLineChecks(line.toString('utf8'), options.key, options.checkpoint);
      else if (!checks.take(line)) return checks.finish(Buffer.alloc(0));
    }
    rest = text.subarray(start);
    if (rest.length > MAX_LINE_BYTES) {
      if (!checks) break;
      // Longer than any line of ours: it is broken, and the rest of it would only fill the memory.
      checks.take(rest);
      return checks.finish(Buffer.alloc(0));
    }
    options.onProgress?.(bytes);
  }
  if (!checks) {
    throw new WaybillError('INVALID_INPUT', 'this is not an archive of a ledger: it has no line', {
      hint: 'Give a file that waybill export wrote.',
    });
  }
  return checks.finish(rest);
}
