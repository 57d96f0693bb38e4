import { hash } from 'node:crypto';
import { canonicalText } from './canonical.js';
import type { RecordedEvent } from './event.js';

/** SHA-256 in lower-case hex. */
export function sha256(text: string | Uint8Array): string {
  return hash('sha256', text);
}

/** The exact text that is hashed: the envelope without `position` and `hash`. */
export function envelopeText(event: Omit<RecordedEvent, 'position' | 'hash'>): string {
  return canonicalText({
    actor: event.actor,
    causationId: event.causationId,
    commandDigest: event.commandDigest,
    commandId: event.commandId,
    correlationId: event.correlationId,
    data: event.data,
    id: event.id,
    occurredAt: event.occurredAt,
    previousHash: event.previousHash,
    recordedAt: event.recordedAt,
    revision: event.revision,
    stream: event.stream,
    type: event.type,
    version: event.version,
  });
}

/** What the first event of every stream chains to. */
export function genesisHash(ledgerId: string): string {
  return sha256(ledgerId);
}

/** The first fault in one stream's chain, or undefined: pass the stream's events from revision 0. */
export function verifyChain(
  ledgerId: string,
  events: readonly RecordedEvent[],
): { revision: number; problem: string } | undefined {
  let previous = genesisHash(ledgerId);
  for (const [index, event] of events.entries()) {
    if (event.revision !== index) return { revision: index, problem: `revision ${event.revision} stands at ${index}` };
    if (event.stream !== events[0]!.stream) return { revision: index, problem: `belongs to ${event.stream}` };
    if (event.previousHash !== previous) return { revision: index, problem: 'does not follow its predecessor' };
    if (sha256(envelopeText(event)) !== event.hash) return { revision: index, problem: 'content was changed' };
    previous = event.hash;
  }
  return undefined;
}
