import type { AllStreamRecordedEvent, JSONEventData, JSONRecordedEvent } from '@eventstore/db-client';
import { unsealEvent, type Actor, type JsonObject, type RecordedEvent, type SealedEvent } from '@waybill/kernel';
import { unavailable } from './errors.js';
import type { StreamNames } from './stream-names.js';

/**
 * How an event stands in EventStoreDB: its type, stream and revision are the server's, `data` is the event's data as
 * JSON, for people to read in the server's own pages; the rest of the envelope is the metadata. RFC 8785 gives one text
 * for one value, so the hashed text is written again from these, byte for byte.
 */
interface Envelope {
  /** Whose event this is: a server may hold several ledgers, and what other programs write. */
  readonly ledger: string;
  /** The event's id; the server's own id of the event is another one after some retries, see appending.ts. */
  readonly id: string;
  readonly version: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly commandId: string;
  readonly commandDigest: string;
  /** By these names the server's `$by_correlation_id` projection finds them. */
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly previousHash: string;
  readonly hash: string;
  /** Which of how many events of one append, from 1: a subscription delivers them together. Left out for one alone. */
  readonly part?: readonly [number, number];
}

export type ServerEvent = AllStreamRecordedEvent;

/** What position a server older than 22.6 gives in reads of a stream: the largest of 64 bits. */
const NO_POSITION = 0xffff_ffff_ffff_ffffn;

export function toServer(
  ledgerId: string,
  serverId: string,
  { text, hash }: SealedEvent,
  part: readonly [number, number],
): JSONEventData {
  const event = unsealEvent(text, '', hash);
  const envelope: Envelope = {
    ledger: ledgerId,
    id: event.id,
    version: event.version,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    actor: event.actor,
    commandId: event.commandId,
    commandDigest: event.commandDigest,
    $correlationId: event.correlationId,
    $causationId: event.causationId,
    previousHash: event.previousHash,
    hash,
    ...(part[1] > 1 ? { part } : {}),
  };
  return {
    id: serverId,
    contentType: 'application/json',
    type: event.type,
    data: event.data as JSONEventData['data'],
    metadata: { ...envelope },
  };
}

/** A stored event of the ledger; undefined when it is somebody else's. */
export function fromServer(
  { names, ledgerId, where }: { names: StreamNames; ledgerId: string; where: string },
  event: ServerEvent,
): RecordedEvent | undefined {
  const stream = names.inLedger(event.streamId);
  if (stream === undefined || !isOurs(event, ledgerId)) return undefined;
  const commit = event.position?.commit ?? NO_POSITION;
  if (commit === NO_POSITION) throw unavailable(where, 'it is older than EventStoreDB 22.6 and gives no positions');
  const { metadata } = event;
  return {
    id: metadata.id,
    type: event.type,
    version: metadata.version,
    occurredAt: metadata.occurredAt,
    actor: metadata.actor,
    commandId: metadata.commandId,
    commandDigest: metadata.commandDigest,
    correlationId: metadata.$correlationId,
    causationId: metadata.$causationId,
    data: event.data,
    stream,
    revision: Number(event.revision),
    position: commit.toString(),
    recordedAt: metadata.recordedAt,
    previousHash: metadata.previousHash,
    hash: metadata.hash,
  };
}

/** Place of an event in its append: [1, 1] for one alone. */
export function partOf(event: ServerEvent): readonly [number, number] {
  const { part } = event.metadata as Partial<Envelope>;
  return part ?? [1, 1];
}

function isOurs(
  event: ServerEvent,
  ledgerId: string,
): event is JSONRecordedEvent & ServerEvent & { data: JsonObject; metadata: Envelope } {
  const metadata: unknown = event.metadata;
  return (
    event.isJson &&
    metadata !== null &&
    typeof metadata === 'object' &&
    'ledger' in metadata &&
    metadata.ledger === ledgerId
  );
}
