import { newId } from '@waybill/kernel';
import { corrupt } from './errors.js';
import type { RemoteLog } from './remote-log.js';
import type { StreamNames } from './stream-names.js';

/**
 * Which stream an event id belongs to. EventStoreDB itself lets one id stand in two streams (#1173) and, at the right
 * revision, twice in one (#1898), and cannot find an event by its id. So each id has a stream of one event that names
 * its owner, written before the event is, with "no stream" expected: of any number of writers one gets the id.
 */
export interface IdOwners {
  /**
   * Makes `stream` the owner unless there is one. `fresh`: nobody ever asked for this id, so it is in no stream.
   * Otherwise it may be in the owner's stream, or on its way there, or never arrive.
   */
  claim(id: string, stream: string): Promise<{ readonly owner: string; readonly fresh: boolean }>;
  ownerOf(id: string): Promise<string | undefined>;
}

const TYPE = 'WaybillEventIdTaken';

export function createIdOwners(log: RemoteLog, names: StreamNames, ledgerId: string): IdOwners {
  /** Ids being claimed by this process now: who asks first gets it, however the calls overtake each other. */
  const claiming = new Map<string, Promise<unknown>>();

  const ownerOf = async (id: string): Promise<string | undefined> => {
    const stream = names.ownerOf(ledgerId, id);
    const [first] = await log.readStream(stream, { limit: 1, fromLeader: true });
    if (!first) return undefined;
    const { owner } = first.data as { owner?: unknown };
    if (first.type !== TYPE || typeof owner !== 'string') throw corrupt(log.where, `stream ${stream}`);
    return owner;
  };

  const write = async (id: string, owner: string): Promise<{ owner: string; fresh: boolean }> => {
    // An id of its own for each attempt: the server would take a second one for a repetition and call it a success.
    const event = {
      id: newId(),
      contentType: 'application/json' as const,
      type: TYPE,
      data: { owner },
      metadata: undefined,
    };
    const written = await log.append(names.ownerOf(ledgerId, id), [event], 'no-stream');
    if (written !== 'wrong-revision') return { owner, fresh: true };
    const other = await ownerOf(id);
    if (other === undefined) throw corrupt(log.where, `the owner of event id ${id} is gone`);
    return { owner: other, fresh: false };
  };

  return {
    ownerOf,
    async claim(id, stream) {
      const before = claiming.get(id);
      const claim = before ? before.then(() => write(id, stream)) : write(id, stream);
      const done = claim.catch(() => undefined);
      claiming.set(id, done);
      try {
        return await claim;
      } finally {
        if (claiming.get(id) === done) claiming.delete(id);
      }
    },
  };
}
