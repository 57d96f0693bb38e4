import { describe, expect, it } from '@jest/globals';
import { WaybillError } from '@waybill/kernel';
import { createLog } from '../log.js';
import { keepRunning } from './supervise.js';

describe('keeping something running', () => {
  it('starts it again after a fault, one line each, and ends when asked to', async () => {
    const lines: string[] = [];
    const stop = new AbortController();
    let runs = 0;
    const work = async (): Promise<void> => {
      runs += 1;
      if (runs === 1) throw new Error('the disk was\nfull');
      stop.abort();
      await Promise.resolve();
    };
    await keepRunning(
      'the work',
      work,
      stop.signal,
      createLog((line) => void lines.push(line)),
    );
    expect(runs).toBe(2);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/error the work failed \(1 in a row\) and is started again: Error: the disk was \| full/);
    expect(lines[0]).not.toContain('\n');
  });

  it('gives up over a damaged log', async () => {
    const work = (): Promise<void> => Promise.reject(new WaybillError('STORE_CORRUPT', 'the log is damaged'));
    const log = createLog(() => undefined);
    await expect(keepRunning('the work', work, new AbortController().signal, log)).rejects.toThrow(
      'the log is damaged',
    );
  });
});
