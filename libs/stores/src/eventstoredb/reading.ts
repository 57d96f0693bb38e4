import type { Position as ServerPosition } from '@eventstore/db-client';
import { numberOfPosition, type Position, type RecordedEvent, type StreamHead } from '@waybill/kernel';
import type { Birth } from './birth.js';
import { corrupt } from './errors.js';
import type { RemoteLog, StreamRead } from './remote-log.js';
import { fromServer, type ServerEvent } from './stored-event.js';
import type { StreamNames } from './stream-names.js';

export interface StreamReader {
  readStream(stream: string, options?: StreamRead): Promise<readonly RecordedEvent[]>;
  headOf(stream: string): Promise<StreamHead | undefined>;
}

export interface LogReader extends StreamReader {
  readAll(after: Position | undefined, limit: number): Promise<readonly RecordedEvent[]>;
  lastPosition(): Promise<Position | undefined>;
}

/** Events of `$all` in one call, whoever wrote them. */
const LARGEST_PAGE = 1000;
const SMALLEST_PAGE = 32;

/**
 * A position of the port is the commit position in decimal. That is enough, though the server's has a prepare position
 * too: they differ only for events of explicit transactions, which the gRPC interface cannot write. An event that
 * commits itself has its own offset in the log for both (KurrentDB, AllReader.ReadAllEventsForwardInternal).
 */
export function serverPosition(position: Position): ServerPosition {
  const commit = BigInt(position);
  return { commit, prepare: commit };
}

export function createReader(log: RemoteLog, names: StreamNames, birth: Birth): LogReader {
  const ledger = { names, ledgerId: birth.ledgerId, where: log.where };

  const readStream = async (stream: string, options: StreamRead = {}): Promise<readonly RecordedEvent[]> => {
    const events = (await log.readStream(names.inServer(stream), options)).map((event) => ours(event, stream));
    // The server hides what was truncated or is older than a stream's $maxAge: nobody may have set that.
    if (options.direction !== 'backwards' && events.length > 0 && events[0]!.revision !== (options.from ?? 0)) {
      throw corrupt(log.where, `${stream} begins with revision ${events[0]!.revision}`);
    }
    return events;
  };

  const ours = (event: ServerEvent, stream: string): RecordedEvent => {
    const recorded = fromServer(ledger, event);
    if (!recorded) throw corrupt(log.where, `event ${event.revision} of ${stream}, a ${event.type}`);
    return recorded;
  };

  return {
    readStream,
    headOf: async (stream) =>
      headBehind(await readStream(stream, { direction: 'backwards', limit: 1, fromLeader: true })),
    async readAll(after, limit) {
      const start = BigInt(numberOfPosition(after));
      let from = start > birth.position.commit ? serverPosition(after!) : birth.position;
      const events: RecordedEvent[] = [];
      while (events.length < limit) {
        // Twice what is wanted: an event comes with the one that says to whom its id belongs.
        const size = Math.min(Math.max((limit - events.length) * 2, SMALLEST_PAGE), LARGEST_PAGE);
        const page = await log.readAll({ from, limit: size, direction: 'forwards' });
        for (const event of page) {
          if (event.position.commit <= from.commit) continue;
          const recorded = fromServer(ledger, event);
          if (recorded && events.length < limit) events.push(recorded);
        }
        if (page.length < size) break;
        from = page.at(-1)!.position;
      }
      return events;
    },
    async lastPosition() {
      let from: ServerPosition | 'end' = 'end';
      for (let size = SMALLEST_PAGE; ; size = LARGEST_PAGE) {
        const page = await log.readAll({ from, limit: size, direction: 'backwards', fromLeader: true });
        for (const event of page) {
          if (event.position.commit <= birth.position.commit) return undefined;
          const recorded = fromServer(ledger, event);
          if (recorded) return recorded.position;
        }
        if (page.length < size) return undefined;
        from = page.at(-1)!.position;
      }
    },
  };
}

export function headBehind(events: readonly RecordedEvent[]): StreamHead | undefined {
  const last = events.at(-1);
  return last && { revision: last.revision, hash: last.hash, recordedAt: last.recordedAt };
}
