/** An event as a client proposes it: bytes, as the wire carries them. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface Stored extends Proposed {
  readonly stream: string;
  readonly revision: number;
  /** Commit and prepare position alike: an offset into the log, as of an event that commits itself. */
  readonly position: bigint;
  readonly created: Date;
}

export type Appended =
  | { readonly result: 'success'; readonly revision: number; readonly position: bigint }
  | { readonly result: 'wrong-revision'; readonly current: number };

/** The transaction log of one EventStoreDB, in memory. Revision −1 is "no stream". */
export interface ServerLog {
  append(stream: string, expected: number, proposed: readonly Proposed[]): Appended;
  /** Undefined when the stream does not exist. */
  stream(name: string): readonly Stored[] | undefined;
  all(): readonly Stored[];
  /** Calls `listener` after each append; returns how to stop. */
  listen(listener: () => void): () => void;
}

/** Bytes that a record has beside type, data and metadata. */
const OVERHEAD = 140;

/** After this many appends the server writes events of its own, as a real one does all the time. */
const NOISE_EVERY = 5;

/**
 * Expected revisions and idempotency as KurrentDB's `IndexWriter.CheckCommit` decides them: an append behind an earlier
 * revision succeeds without writing when the very ids stand there already; at the right revision nobody looks at ids,
 * so one id can be written twice (issues #1898, #1173).
 */
export function createServerLog(): ServerLog {
  const log: Stored[] = [];
  const streams = new Map<string, Stored[]>();
  const listeners = new Set<() => void>();
  // As of a server that was in use for long: positions do not fit into 32 bits.
  let end = 6_000_000_000n;
  let appends = 0;

  const write = (stream: string, proposed: readonly Proposed[]): Stored => {
    const events = streams.get(stream) ?? [];
    streams.set(stream, events);
    for (const event of proposed) {
      end += BigInt(OVERHEAD);
      const stored = { ...event, stream, revision: events.length, position: end, created: new Date() };
      end += BigInt(event.type.length * 2 + event.data.length + event.metadata.length);
      events.push(stored);
      log.push(stored);
    }
    return events.at(-1)!;
  };

  const noise = (): void => {
    write('$stats-127.0.0.1:2113', [json('$statsCollected', { proc: { cpu: 1 } })]);
    write('$$somebody-1', [json('$metadata', { $maxCount: 5 })]);
    write('somebody-1', [json('SomethingElse', { of: 'another program' })]);
    // What is no JSON though it says so, and metadata of every shape, must disturb nobody.
    write('somebody-3', [{ ...json('Broken', {}), data: Buffer.from('{not json'), metadata: Buffer.from('neither') }]);
    write('somebody-4', [{ ...json('Empty', {}), data: new Uint8Array(), metadata: Buffer.from('null') }]);
    write('test-', [{ ...json('Empty', {}), metadata: Buffer.from('[1]') }]);
    write('ledger', [{ ...json('LedgerCreated', {}), metadata: Buffer.from('{"ledger":5}') }]);
    write('somebody-2', [
      { ...json('$>', {}), contentType: 'application/octet-stream', data: Buffer.from('0@somebody-1') },
    ]);
  };

  noise();
  return {
    append(stream, expected, proposed) {
      const events = streams.get(stream) ?? [];
      const current = events.length - 1;
      if (expected < current && proposed.length > 0) {
        const there = events.slice(expected + 1, expected + 1 + proposed.length);
        const idempotent =
          there.length === proposed.length && proposed.every(({ id }, index) => there[index]!.id === id);
        if (!idempotent) return { result: 'wrong-revision', current };
        const last = there.at(-1)!;
        return { result: 'success', revision: last.revision, position: last.position };
      }
      if (expected !== current) return { result: 'wrong-revision', current };
      if (++appends % NOISE_EVERY === 0) noise();
      const { revision, position } = write(stream, proposed);
      for (const listener of listeners) listener();
      return { result: 'success', revision, position };
    },
    stream: (name) => streams.get(name),
    all: () => log,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function json(type: string, data: object): Proposed {
  return {
    id: crypto.randomUUID(),
    type,
    contentType: 'application/json',
    data: Buffer.from(JSON.stringify(data)),
    metadata: new Uint8Array(),
  };
}
