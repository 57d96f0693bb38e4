import { describe, expect, it } from '@jest/globals';
import { type EventStore, type RecordedEvent, RetryableError, WaybillError, derivedId, sha256 } from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import type { Checkpoints, Policy } from './policy.js';
import { type PolicyProgress, runPolicy } from './run-policy.js';

async function storeWith(count: number): Promise<EventStore> {
  const store = createMemoryEventStore();
  for (let i = 0; i < count; i++) await append(store, i);
  return store;
}

async function append(store: EventStore, i: number): Promise<void> {
  const id = derivedId('event', String(i));
  await store.append(
    `spec-${i}`,
    [
      {
        id,
        type: i % 2 === 0 ? 'Even' : 'Odd',
        version: 1,
        occurredAt: '2026-11-24T12:00:00.000Z',
        actor: { kind: 'system', id: 'spec', roles: [] },
        commandId: id,
        commandDigest: sha256(id),
        correlationId: id,
        causationId: id,
        data: { i },
      },
    ],
    'no-stream',
  );
}

function memoryCheckpoints(saved = new Map<string, string>()): Checkpoints & { saved: Map<string, string> } {
  return {
    saved,
    load: async (name) => saved.get(name),
    save: async (name, position) => void saved.set(name, position),
  };
}

/** Runs until `done` says so, then aborts. */
async function runUntil(
  store: EventStore,
  checkpoints: Checkpoints,
  react: (event: RecordedEvent) => Promise<void>,
  done: (progress: PolicyProgress) => boolean,
  lines: Pick<Policy, 'line' | 'heldUp'> = {},
): Promise<PolicyProgress[]> {
  const stop = new AbortController();
  const progress: PolicyProgress[] = [];
  const policy: Policy = { name: 'spec', handles: new Set(['Even']), react, ...lines };
  await runPolicy(policy, {
    store,
    checkpoints,
    signal: stop.signal,
    onProgress: (step) => {
      progress.push(step);
      if (done(step)) stop.abort();
    },
  });
  return progress;
}

const caughtUp = (position: string) => (step: PolicyProgress) => step.position === position && step.failures === 0;

describe('runPolicy', () => {
  it('hands over what the policy handles, in order, and remembers how far it read', async () => {
    const store = await storeWith(5);
    const checkpoints = memoryCheckpoints();
    const seen: unknown[] = [];
    const last = (await store.lastPosition())!;
    await runUntil(store, checkpoints, async (event) => void seen.push(event.data['i']), caughtUp(last));
    expect(seen).toEqual([0, 2, 4]);
    expect(checkpoints.saved.get('spec')).toBe(last);
  });

  it('goes on behind its checkpoint', async () => {
    const store = await storeWith(3);
    const checkpoints = memoryCheckpoints(new Map([['spec', (await store.lastPosition())!]]));
    await append(store, 4);
    const seen: unknown[] = [];
    const last = (await store.lastPosition())!;
    await runUntil(store, checkpoints, async (event) => void seen.push(event.data['i']), caughtUp(last));
    expect(seen).toEqual([4]);
  });

  it('tries an event that fails again, visibly, before it takes the next one', async () => {
    const store = await storeWith(3);
    const seen: unknown[] = [];
    let failures = 0;
    const react = async (event: RecordedEvent): Promise<void> => {
      if (event.data['i'] === 0 && failures++ < 2) throw new RetryableError('STORE_UNAVAILABLE', 'not now');
      seen.push(event.data['i']);
    };
    const last = (await store.lastPosition())!;
    const progress = await runUntil(store, memoryCheckpoints(), react, caughtUp(last));
    expect(seen).toEqual([0, 2]);
    expect(progress.map((step) => step.failures)).toEqual([1, 2, 0]);
  });

  it('passes over what somebody else was faster with', async () => {
    const store = await storeWith(3);
    const seen: unknown[] = [];
    const react = async (event: RecordedEvent): Promise<void> => {
      if (event.data['i'] === 0) throw new WaybillError('INVALID_STATE', 'it is over');
      seen.push(event.data['i']);
    };
    const last = (await store.lastPosition())!;
    await runUntil(store, memoryCheckpoints(), react, caughtUp(last));
    expect(seen).toEqual([2]);
  });

  it('keeps its checkpoint before an event that never succeeds', async () => {
    const store = await storeWith(1);
    const checkpoints = memoryCheckpoints();
    await runUntil(
      store,
      checkpoints,
      async () => {
        throw new Error('broken');
      },
      (step) => step.failures === 2,
    );
    expect(checkpoints.saved.has('spec')).toBe(false);
  });

  it('ends on a damaged store instead of trying for ever', async () => {
    const store = await storeWith(1);
    const damaged = async (): Promise<void> => {
      throw new WaybillError('STORE_CORRUPT', 'operations.sqlite is damaged');
    };
    await expect(runUntil(store, memoryCheckpoints(), damaged, () => false)).rejects.toThrow('is damaged');
  });
});

describe('runPolicy with lines', () => {
  /** Two lines: 0, 4, 8 … and 2, 6, 10 … */
  const line = ({ data }: RecordedEvent): string => String((data['i'] as number) % 4);

  it('keeps the order of each line, and a line that fails holds up no other', async () => {
    const store = await storeWith(10);
    const checkpoints = memoryCheckpoints();
    const seen: unknown[] = [];
    const held: unknown[][] = [];
    const react = async ({ data }: RecordedEvent): Promise<void> => {
      if (data['i'] === 2 && seen.length < 3) throw new RetryableError('STORE_UNAVAILABLE', 'not now');
      seen.push(data['i']);
    };
    const heldUp = async (events: readonly RecordedEvent[]): Promise<void> =>
      void held.push(events.map(({ data }) => data['i']));
    const last = (await store.lastPosition())!;
    const progress = await runUntil(store, checkpoints, react, caughtUp(last), { line, heldUp });
    expect(seen).toEqual([0, 4, 8, 2, 6]);
    expect(held).toEqual([[2, 6]]);
    expect(progress.filter(({ error }) => error !== undefined)).toMatchObject([{ line: '2', failures: 1 }]);
    expect(checkpoints.saved.get('spec')).toBe(last);
  });

  it('keeps its checkpoint before the first event that is not done, and does again what is behind it', async () => {
    const store = await storeWith(9);
    const checkpoints = memoryCheckpoints();
    const seen: unknown[] = [];
    const failing = async ({ data }: RecordedEvent): Promise<void> => {
      if (data['i'] === 2) throw new Error('broken');
      seen.push(data['i']);
    };
    await runUntil(store, checkpoints, failing, ({ failures }) => failures === 2, { line });
    expect(seen).toEqual([0, 4, 8]);
    // Behind event 1, which nobody handles.
    expect(checkpoints.saved.get('spec')).toBe('2');
    seen.length = 0;
    const last = (await store.lastPosition())!;
    const mended = async ({ data }: RecordedEvent): Promise<void> => void seen.push(data['i']);
    await runUntil(store, checkpoints, mended, caughtUp(last), { line });
    expect([...seen].sort()).toEqual([2, 4, 6, 8]);
  });

  it('shows the failures of the worst line although others do well', async () => {
    const store = await storeWith(3);
    const react = async ({ data }: RecordedEvent): Promise<void> => {
      if (data['i'] === 0) throw new Error('broken');
    };
    const progress = await runUntil(store, memoryCheckpoints(), react, ({ failures }) => failures === 3, { line });
    expect(progress.map(({ failures }) => failures).sort()).toEqual([1, 1, 2, 3]);
  });

  it('ends on a damaged store instead of trying for ever, whatever the other lines do', async () => {
    const store = await storeWith(9);
    const damaged = async ({ data }: RecordedEvent): Promise<void> => {
      if (data['i'] === 0) throw new WaybillError('STORE_CORRUPT', 'operations.sqlite is damaged');
    };
    const running = runUntil(store, memoryCheckpoints(), damaged, () => false, { line });
    await expect(running).rejects.toThrow('is damaged');
  });

  it('ends when its checkpoint cannot be saved: whoever runs it begins anew', async () => {
    const store = await storeWith(1);
    const full: Checkpoints = {
      load: async () => undefined,
      save: () => Promise.reject(new WaybillError('DISK_FULL', 'the disk is full')),
    };
    await expect(
      runUntil(
        store,
        full,
        async () => undefined,
        () => false,
        { line },
      ),
    ).rejects.toThrow('disk is full');
  });
});
