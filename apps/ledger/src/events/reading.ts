import { type EventStore, type RecordedEvent, WaybillError } from '@waybill/kernel';
import {
  type Page,
  type PageRequest,
  type TimelineEntry,
  decodeCursor,
  listFingerprint,
  pageOf,
  pageSize,
} from '@waybill/views';

/** The event an entry of the timeline points at. */
export async function eventAt(
  store: Pick<EventStore, 'readStream'>,
  { stream, revision }: Pick<TimelineEntry, 'stream' | 'revision'>,
): Promise<RecordedEvent> {
  const [event] = await store.readStream(stream, { from: revision, limit: 1 });
  if (!event) throw new Error(`the log has no event ${revision} in ${stream}, but the views do`);
  return event;
}

/** A page of one stream, read from the log itself. Throws `NOT_FOUND` for a stream without events. */
export async function streamPage(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  { first, after, newestFirst }: PageRequest & { readonly newestFirst: boolean },
): Promise<Page<RecordedEvent>> {
  const size = pageSize(first, 50);
  const fingerprint = listFingerprint('stream', [stream, newestFirst]);
  const [newest] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
  if (!newest) {
    throw new WaybillError('NOT_FOUND', `no stream is called ${stream.slice(0, 200)}`, {
      hint: 'Streams are named project-<key>, release-<id>, environment-<name>, deployment-<name>.<generation>, location-<key>; waybill events shows the stream of each event.',
    });
  }
  const totalCount = newest.revision + 1;
  const behind = after == null ? undefined : decodeCursor(fingerprint, 'number', after);
  const from = behind === undefined ? undefined : newestFirst ? behind - 1 : behind + 1;
  const events =
    from === -1
      ? []
      : await store.readStream(stream, {
          direction: newestFirst ? 'backwards' : 'forwards',
          ...(from === undefined ? {} : { from }),
          limit: size + 1,
        });
  return pageOf(
    events.map((node) => ({ key: node.revision, node })),
    { fingerprint, size, after: behind !== undefined, totalCount },
  );
}
