import { comparePositions, envelopeText, type EventStore, type Position, type RecordedEvent } from '@waybill/kernel';
import { SEALING_STREAM } from '../tree/log-tree.js';
import { SEALED_PER_LINE, endLine, headerLine, sealedLine } from './format.js';

const PAGE = 500;

export interface ArchiveOptions {
  readonly store: Pick<EventStore, 'ledgerId' | 'readAll'>;
  /** The last event to go into the archive; a checkpoint leaves nothing unsealed. Undefined: the log is empty. */
  readonly upTo: Position | undefined;
}

/** The lines of an archive without their newlines, some hundred at a time. */
export async function* archiveLines({ store, upTo }: ArchiveOptions): AsyncGenerator<readonly string[], void, void> {
  yield [headerLine(store.ledgerId)];
  let events = 0;
  if (upTo !== undefined) {
    const sealedBy = sealing();
    for await (const page of pagesUpTo(store, upTo)) {
      events += page.length;
      yield page.flatMap((event) => [envelopeText(event), ...sealedBy(event)]);
    }
  }
  yield [endLine(events)];
}

async function* pagesUpTo(
  store: Pick<EventStore, 'readAll'>,
  upTo: Position,
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  let after: Position | undefined;
  do {
    const page = await store.readAll(after, PAGE);
    if (page.length === 0) return;
    yield page.filter(({ position }) => comparePositions(position, upTo) <= 0);
    after = page.at(-1)!.position;
  } while (comparePositions(after, upTo) < 0);
}

/** Gives, behind each checkpoint, the lines of the hashes that it sealed and no other before it. */
function sealing(): (event: RecordedEvent) => readonly string[] {
  let hashes: string[] = [];
  let sealed = 0;
  return ({ stream, hash, data }) => {
    if (stream !== SEALING_STREAM) {
      hashes.push(hash);
      return [];
    }
    const treeSize = Number(data['treeSize']);
    const count = treeSize - sealed;
    if (!(count > 0 && count <= hashes.length)) return [];
    sealed = treeSize;
    const sealedNow = hashes.slice(0, count);
    hashes = hashes.slice(count);
    const lines: string[] = [];
    for (let at = 0; at < count; at += SEALED_PER_LINE)
      lines.push(sealedLine(sealedNow.slice(at, at + SEALED_PER_LINE)));
    return lines;
  };
}
