import { describe, expect, it } from '@jest/globals';
import { gather } from '@waybill/channel/testing';
import { createWorkQueue } from './work-queue.js';

/** Work that a test lets go on when it likes. */
function heldWork() {
  const started = gather<string>();
  const releases = new Map<string, () => void>();
  return {
    started,
    release: (key: string): void => releases.get(key)?.(),
    async work(key: string): Promise<void> {
      const released = new Promise<void>((resolve) => releases.set(key, resolve));
      await started.add(key);
      await released;
    },
  };
}

describe('the work queue', () => {
  it('works on as many keys beside each other as it may, and on each of them one at a time', async () => {
    const { started, release, work } = heldWork();
    const queue = createWorkQueue({ limit: 2, work, delayMs: () => 0 });
    for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
    expect(await started.first(2)).toEqual(['a', 'b']);
    release('b');
    expect(await started.first(3)).toEqual(['a', 'b', 'c']);
    release('a');
    expect(await started.first(4)).toEqual(['a', 'b', 'c', 'a']);
    release('a');
    release('c');
    await queue.stop();
    expect(queue.has('a')).toBe(false);
  });

  it('counts failed attempts and waits as long as it is told after each', async () => {
    const attempts = gather<number>();
    const delays: number[] = [];
    const queue = createWorkQueue({
      limit: 1,
      async work(_, attempt) {
        await attempts.add(attempt);
        if (attempt < 4) throw new Error('not yet');
      },
      delayMs(attempt) {
        delays.push(attempt);
        return 0;
      },
    });
    queue.add('a');
    await attempts.first(4);
    await queue.stop();
    expect(attempts.all()).toEqual([1, 2, 3, 4]);
    expect(delays).toEqual([1, 2, 3]);
  });

  it('ends the wait and begins to count again when the key is added again', async () => {
    const attempts = gather<number>();
    const waiting = gather<true>();
    const queue = createWorkQueue({
      limit: 1,
      async work(_, attempt) {
        await attempts.add(attempt);
        throw new Error('never');
      },
      delayMs() {
        void waiting.add(true);
        return 3_600_000;
      },
    });
    queue.add('a');
    await waiting.first(1);
    queue.add('a');
    expect(await attempts.first(2)).toEqual([1, 1]);
    await waiting.first(2);
    await queue.stop();
  });

  it('lets other keys go on while one waits', async () => {
    const worked = gather<string>();
    const queue = createWorkQueue({
      limit: 1,
      async work(key) {
        await worked.add(key);
        if (key === 'bad') throw new Error('never');
      },
      delayMs: () => 3_600_000,
    });
    queue.add('bad');
    queue.add('good');
    expect(await worked.first(2)).toEqual(['bad', 'good']);
    await queue.stop();
  });

  it('finishes what runs when it is stopped, and starts nothing more', async () => {
    const { started, release, work } = heldWork();
    const queue = createWorkQueue({ limit: 1, work, delayMs: () => 0 });
    queue.add('a');
    queue.add('b');
    await started.first(1);
    const stopped = queue.stop();
    queue.add('c');
    release('a');
    await stopped;
    expect(started.all()).toEqual(['a']);
  });
});
