import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tell, times } from './counting.js';
import { hasStrace, traced, withoutStrace } from './tracing.js';

const BATCHES = times(20, 200);

/** Acknowledgements that were written while the write-ahead log had bytes that were not synced to the disk. */
function early(trace: string): { acknowledged: number; early: number; synced: number } {
  const counts = { acknowledged: 0, early: 0, synced: 0 };
  let dirty = false;
  for (const line of trace.split('\n')) {
    const [, call, path, rest] = /^\d+ +(\w+)\(\d+<([^>]*)>(.*)/.exec(line) ?? [];
    if (call === undefined) continue;
    if (path!.endsWith('-wal')) {
      if (call.startsWith('pwrite')) dirty = true;
      if (/^f(data)?sync$/.test(call) && rest!.endsWith('= 0')) {
        counts.synced += 1;
        dirty = false;
      }
    } else if (call === 'write' && rest!.includes('"acknowledged')) {
      counts.acknowledged += 1;
      if (dirty) counts.early += 1;
    }
  }
  return counts;
}

describe('an acknowledgement', () => {
  if (!hasStrace) {
    withoutStrace('comes after the sync');
    return;
  }
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-sync-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const watch = async (env: Record<string, string> = {}): Promise<ReturnType<typeof early>> => {
    const trace = join(folder, 'trace');
    const options = ['-y', '-s', '16', '-e', 'trace=write,pwrite64,pwritev,fsync,fdatasync', '-o', trace];
    const { lines } = await traced(join(folder, 'events.sqlite'), { options, batches: BATCHES, env });
    const counts = early(readFileSync(trace, 'utf8'));
    expect(lines.filter((line) => line.startsWith('acknowledged'))).toHaveLength(counts.acknowledged);
    expect(counts.acknowledged).toBe(4 * BATCHES);
    return counts;
  };

  it('never comes before the log is synced', async () => {
    const counts = await watch();
    tell('acknowledged-after-sync', { acknowledged: counts.acknowledged, early: counts.early });
    expect(counts.early).toBe(0);
    expect(counts.synced).toBeGreaterThanOrEqual(BATCHES);
  });

  it('is caught when it does: with synchronous=NORMAL forced upon the driver', async () => {
    const counts = await watch({ FORCE_NORMAL: '1' });
    tell('acknowledged-after-sync (NORMAL forced)', { acknowledged: counts.acknowledged, early: counts.early });
    expect(counts.early).toBeGreaterThan(counts.acknowledged * 0.9);
  });
});
