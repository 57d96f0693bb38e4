import { eventId, sha256, verifyChain, type EventStore, type EventToAppend, type RecordedEvent } from '@waybill/kernel';

/** Events in one append of the programs here. */
export const BATCH = 3;

/** What a client knows of an append it sent: enough to send the very same again. */
export interface Batch {
  readonly stream: string;
  /** -1: the stream was expected not to exist. */
  readonly revision: number;
  readonly commandId: string;
}

/** The same events for the same batch, as programs/append.cjs makes them. */
export function eventsOf({ stream, commandId }: Batch): EventToAppend[] {
  return Array.from({ length: BATCH }, (_, index) => ({
    id: eventId(commandId, index),
    type: 'ThingHappened',
    version: 1,
    occurredAt: '2026-11-23T12:00:00.000Z',
    actor: { kind: 'system', id: 's-0123456789abcdef0123', roles: [] },
    commandId,
    commandDigest: sha256(commandId),
    correlationId: commandId,
    causationId: commandId,
    data: { stream, index, padding: 'x'.repeat(400) },
  }));
}

/** Lines `sent <stream> <revision> <command id>` and `acknowledged …` of a program, as far as they got. */
export function batchesIn(lines: readonly string[], word: 'sent' | 'acknowledged'): Batch[] {
  return lines.flatMap((line) => {
    const [what, stream, revision, commandId] = line.split(' ');
    return what === word && commandId?.length === 36
      ? [{ stream: stream!, revision: Number(revision), commandId }]
      : [];
  });
}

export const again = (store: EventStore, batch: Batch) =>
  store.append(batch.stream, eventsOf(batch), batch.revision === -1 ? 'no-stream' : batch.revision);

/** What a log must never show. All zero is what the suites expect. */
export interface Damage {
  /** Acknowledged batches of which something is missing or stands elsewhere. */
  lost: number;
  /** Batches of which a part only is there. */
  torn: number;
  /** Ids that are there more than once. */
  duplicated: number;
  /** Streams whose chain of hashes is broken. */
  unchained: number;
}

export const NO_DAMAGE: Damage = { lost: 0, torn: 0, duplicated: 0, unchained: 0 };

export async function damageIn(store: EventStore, acknowledged: Iterable<Batch>): Promise<Damage> {
  const streams = new Map<string, RecordedEvent[]>();
  const ids = new Set<string>();
  let events = 0;
  for (let after: string | undefined; ;) {
    const page = await store.readAll(after, 1000);
    if (page.length === 0) break;
    for (const event of page) {
      events += 1;
      ids.add(event.id);
      const stream = streams.get(event.stream);
      if (stream) stream.push(event);
      else streams.set(event.stream, [event]);
    }
    after = page.at(-1)!.position;
  }
  const damage = { ...NO_DAMAGE, duplicated: events - ids.size };
  for (const stream of streams.values()) {
    if (verifyChain(store.ledgerId, stream)) damage.unchained += 1;
    for (let first = 0; first < stream.length; first += BATCH) {
      const [{ commandId }] = stream.slice(first) as [RecordedEvent];
      const whole = Array.from({ length: BATCH }, (_, index) => eventId(commandId, index));
      const there = stream.slice(first, first + BATCH).map(({ id }) => id);
      if (there.join() !== whole.join()) damage.torn += 1;
    }
  }
  for (const { stream, revision, commandId } of acknowledged) {
    const there = streams.get(stream)?.slice(revision + 1, revision + 1 + BATCH) ?? [];
    if (there.length < BATCH || there.some((event) => event.commandId !== commandId)) damage.lost += 1;
  }
  return damage;
}

export function addDamage(counts: Damage, damage: Damage): void {
  for (const kind of ['lost', 'torn', 'duplicated', 'unchained'] as const) counts[kind] += damage[kind];
}
