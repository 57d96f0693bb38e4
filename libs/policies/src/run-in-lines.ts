import type { Position, RecordedEvent } from '@waybill/kernel';
import type { Policy } from './policy.js';
import type { RunOptions } from './run-policy.js';
import { reactUntilDone } from './until-done.js';

/** Events that concern nobody are read again after a restart, this many at most, instead of being remembered each. */
export const PASSED_AT_MOST = 1000;

/** Most events that are read and not done: what stands behind them is read when some are. */
const MOST_WAITING = 10_000;

interface Line {
  /** The first one is at hand. */
  readonly events: RecordedEvent[];
  failures: number;
}

/**
 * Each line takes its events one after another, the lines beside each other. The checkpoint stands before the first event
 * that is not done, whatever was done behind it: after a restart that is done again.
 */
export async function runInLines(
  policy: Policy,
  lineOf: (event: RecordedEvent) => string,
  { store, checkpoints, signal, onProgress }: RunOptions,
): Promise<void> {
  const { name } = policy;
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  const lines = new Map<string, Line>();
  const working = new Set<Promise<void>>();
  const after = await checkpoints.load(name);
  const checkpoint = createCheckpoint(after, (position) => checkpoints.save(name, position));
  let fault: { readonly error: unknown } | undefined;
  let freed: () => void = () => undefined;

  const worst = (): number => Math.max(0, ...[...lines.values()].map(({ failures }) => failures));

  async function work(key: string, line: Line): Promise<void> {
    while (line.events.length > 0) {
      const event = line.events[0]!;
      await reactUntilDone(policy, event, over, async (failures, error) => {
        line.failures = failures;
        const progress = { policy: name, position: event.position, line: key };
        onProgress?.({ ...progress, failures: worst(), error });
        try {
          await policy.heldUp?.([...line.events], error);
        } catch (telling) {
          onProgress?.({ ...progress, failures: worst(), error: telling });
        }
      });
      if (over.aborted) return;
      line.events.shift();
      line.failures = 0;
      checkpoint.done(event);
      freed();
    }
    lines.delete(key);
    await checkpoint.save();
    if (!over.aborted) onProgress?.({ policy: name, position: checkpoint.reached() ?? '0', failures: worst() });
  }

  function add(event: RecordedEvent): void {
    const key = lineOf(event);
    const line = lines.get(key);
    if (line) {
      line.events.push(event);
      return;
    }
    const begun: Line = { events: [event], failures: 0 };
    lines.set(key, begun);
    const ended = work(key, begun)
      .catch(end)
      .finally(() => working.delete(ended));
    working.add(ended);
  }

  function end(error: unknown): void {
    fault ??= { error };
    ending.abort();
  }

  async function readOn(): Promise<void> {
    let passed = 0;
    for await (const batch of store.subscribe({ after, signal: over })) {
      for (const event of batch) {
        const isHandled = policy.handles.has(event.type);
        checkpoint.read(event, isHandled);
        if (isHandled) add(event);
      }
      passed += batch.length;
      if (passed >= PASSED_AT_MOST) {
        await checkpoint.save();
        passed = 0;
      }
      if (lines.size === 0) onProgress?.({ policy: name, position: batch.at(-1)!.position, failures: 0 });
      while (checkpoint.waiting() >= MOST_WAITING && !over.aborted) {
        await new Promise<void>((resolve) => (freed = resolve));
      }
    }
  }

  over.addEventListener('abort', () => freed(), { once: true });
  await readOn().catch(end);
  await Promise.all(working);
  if (fault) throw fault.error;
}

/** How far everything is done, in the order of the log. */
function createCheckpoint(after: Position | undefined, write: (position: Position) => Promise<void>) {
  /** Events that are not done, by id, each with what was read right before it; in the order of the log. */
  const open = new Map<string, Position | undefined>();
  let last = after;
  let written = after;
  let isWriting = false;
  let writing = Promise.resolve();

  function reached(): Position | undefined {
    for (const before of open.values()) return before;
    return last;
  }

  async function writeNewest(): Promise<void> {
    try {
      for (let next = reached(); next !== undefined && next !== written; next = reached()) {
        await write(next);
        written = next;
      }
    } finally {
      // In the turn in which it found nothing more: whoever asks after that begins anew.
      isWriting = false;
    }
  }

  function save(): Promise<void> {
    if (!isWriting) {
      isWriting = true;
      writing = writeNewest();
    }
    return writing;
  }

  return {
    read({ id, position }: RecordedEvent, isHandled: boolean): void {
      if (isHandled) open.set(id, last);
      last = position;
    },
    done: ({ id }: RecordedEvent) => void open.delete(id),
    waiting: () => open.size,
    reached,
    save,
  };
}
