import type { RecordedEvent } from '@waybill/kernel';
import { type PrincipalRef, actorRef } from '../access/principal.js';
import type * as Api from '../graphql.gen.js';

export type EventAnswer = Omit<Api.Event, 'actor'> & { readonly actor: PrincipalRef };

/** An event as it was written: not lifted to a newer version, so that its hash can be checked. */
export function toEvent(event: RecordedEvent): EventAnswer {
  return {
    id: event.id,
    type: event.type,
    version: event.version,
    stream: event.stream,
    revision: event.revision,
    position: event.position,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    actor: actorRef(event.actor),
    actorRoles: event.actor.roles,
    commandId: event.commandId,
    commandDigest: event.commandDigest,
    correlationId: event.correlationId,
    causationId: event.causationId,
    data: event.data,
    previousHash: event.previousHash,
    hash: event.hash,
  };
}
