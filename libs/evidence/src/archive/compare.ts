import { streamName } from './event-line.js';
import type { ArchivedLeaf } from './leaf.js';
import type { Problem } from './problem.js';

/**
 * The first difference between the events that stand in an archive and the hashes of those that were sealed there;
 * undefined when the archive begins with exactly these.
 * @param found in order, from the first that the checkpoint before did not seal; may go beyond what was sealed
 * @param sealed hashes whose tree has the root that was signed
 * @param checkpointLine where the events should all have come before
 */
export function firstDifference(
  found: readonly ArchivedLeaf[],
  sealed: readonly string[],
  checkpointLine: number,
): Problem | undefined {
  const index = sealed.findIndex((hash, i) => found[i]?.hash !== hash);
  if (index === -1) return undefined;
  const there = found[index];
  const missing = sealed[index]!;
  if (there === undefined) return removed(missing, checkpointLine, found);
  const comesLater = sealed.includes(there.hash, index + 1);
  const stoodLater = found.slice(index + 1).some(({ hash }) => hash === missing);
  if (comesLater && !stoodLater) return removed(missing, there.line, found);
  const { line, stream, revision } = there;
  if (stream === null) return { kind: 'broken', line, stream, revision: null, message: `line ${line} is no event` };
  const place = { line, stream: streamName(stream), revision };
  const event = `revision ${revision} of ${place.stream} (line ${line})`;
  if (comesLater) return { kind: 'reordered', ...place, message: `${event} does not stand where it was written` };
  if (stoodLater) return { kind: 'inserted', ...place, message: `${event} was never written by the ledger` };
  return { kind: 'changed', ...place, message: `${event} is not what was sealed` };
}

function removed(hash: string, line: number, found: readonly ArchivedLeaf[]): Problem {
  const next = found.find(({ previousHash }) => previousHash === hash);
  if (next?.stream == null) {
    const message = `the event with the hash ${hash} is missing before line ${line}`;
    return { kind: 'removed', line, stream: null, revision: null, message };
  }
  const stream = streamName(next.stream);
  const revision = next.revision - 1;
  return {
    kind: 'removed',
    line,
    stream,
    revision,
    message: `revision ${revision} of ${stream} is missing before line ${line}`,
  };
}
