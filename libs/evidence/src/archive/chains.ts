import { genesisHash } from '@waybill/kernel';
import { streamName, type EventLine } from './event-line.js';
import type { Problem } from './problem.js';

/** Where an event stands: `leaf` is its place in the tree, -1 for one that is not in it. */
interface Place {
  readonly line: number;
  readonly leaf: number;
}

interface End extends Place {
  readonly revision: number;
  readonly hash: string;
}

/**
 * Something that does not fit into its stream. Which event is at fault, this one or the one before, the hashes that a
 * later checkpoint sealed may tell better: then this is not reported.
 */
export interface Suspicion {
  readonly at: Place;
  /** What to report when nothing tells better. `sealed`: leaves that a checkpoint was found right about. */
  problem(sealed: number): Problem;
}

/** The hash chains of all streams of an archive, as far as it was read. */
export interface Chains {
  /** Undefined: the event fits. */
  add(event: EventLine, hash: string, at: Place): Suspicion | undefined;
  streams(): number;
}

export function createChains(ledgerId: string): Chains {
  const ends = new Map<string, End>();
  const genesis = genesisHash(ledgerId);
  return {
    streams: () => ends.size,
    add({ stream, revision, previousHash }, hash, at) {
      const before = ends.get(stream);
      const expected = before === undefined ? 0 : before.revision + 1;
      ends.set(stream, { revision, hash, line: at.line, leaf: at.leaf });
      if (revision !== expected) return outOfStep(stream, revision, expected, at);
      if (previousHash !== (before?.hash ?? genesis)) return unlinked(stream, revision, at, before, ledgerId);
      return undefined;
    },
  };
}

function outOfStep(raw: string, revision: number, expected: number, at: Place): Suspicion {
  const stream = streamName(raw);
  const { line } = at;
  const problem: Problem =
    revision > expected
      ? {
          kind: 'removed',
          line,
          stream,
          revision: expected,
          message: `revision ${expected} of ${stream} is missing before line ${line}`,
        }
      : {
          kind: 'inserted',
          line,
          stream,
          revision,
          message: `revision ${revision} of ${stream} stands a second time in line ${line}`,
        };
  return { at, problem: () => problem };
}

function unlinked(raw: string, revision: number, at: Place, before: End | undefined, ledgerId: string): Suspicion {
  const stream = streamName(raw);
  const blamed = (place: Place, at: number, why: string): Problem => ({
    kind: 'changed',
    line: place.line,
    stream,
    revision: at,
    message: `revision ${at} of ${stream} (line ${place.line}) ${why}`,
  });
  return {
    at,
    problem(sealed) {
      if (before === undefined) {
        // Line 1 is the header: when its very first event is foreign, so is the rest.
        if (at.line > 2) return blamed(at, revision, 'does not begin its stream in this ledger');
        const message = `the events are not those of ledger ${ledgerId}`;
        return { kind: 'other-ledger', line: at.line, stream, revision, message };
      }
      const intact = before.leaf !== -1 && before.leaf < sealed;
      if (intact) return blamed(at, revision, 'does not follow the event before it');
      return blamed(before, before.revision, `is not what line ${at.line} follows`);
    },
  };
}
