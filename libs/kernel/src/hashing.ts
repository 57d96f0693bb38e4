import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { WaybillError } from './errors.js';
import type { RecordedEvent } from './event.js';

/** SHA-256 in lower-case hex. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The RFC 8785 (JCS) text of a value. Properties that are `undefined` are left out.
 * Throws `INVALID_EVENT` for values outside I-JSON (RFC 7493): NaN, infinities, integers beyond 2^53 − 1, lone
 * surrogates, anything that is not JSON.
 */
export function canonicalText(value: unknown): string {
  refuseOutsideIJson(value, '');
  return canonicalize(value)!;
}

/** The exact text that is hashed: the envelope without `position` and `hash`. */
export function envelopeText(event: Omit<RecordedEvent, 'position' | 'hash'>): string {
  return canonicalText({
    id: event.id,
    type: event.type,
    version: event.version,
    stream: event.stream,
    revision: event.revision,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    actor: event.actor,
    commandId: event.commandId,
    commandDigest: event.commandDigest,
    correlationId: event.correlationId,
    causationId: event.causationId,
    data: event.data,
    previousHash: event.previousHash,
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
    if (event.previousHash !== previous) return { revision: index, problem: 'does not follow its predecessor' };
    if (sha256(envelopeText(event)) !== event.hash) return { revision: index, problem: 'content was changed' };
    previous = event.hash;
  }
  return undefined;
}

function refuseOutsideIJson(value: unknown, path: string): void {
  switch (typeof value) {
    case 'boolean':
    case 'undefined':
      return;
    case 'string':
      if (!value.isWellFormed()) throw outside(path, 'a string with a lone surrogate');
      return;
    case 'number':
      if (!Number.isFinite(value)) throw outside(path, String(value));
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw outside(path, `the integer ${value}`);
      return;
    case 'object': {
      if (value === null) return;
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) {
          if (value[i] === undefined) throw outside(`${path}.${i}`, 'undefined in a list');
          refuseOutsideIJson(value[i], `${path}.${i}`);
        }
        return;
      }
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) throw outside(path, 'an object that is not plain');
      for (const [key, member] of Object.entries(value)) {
        if (!key.isWellFormed()) throw outside(path, 'a key with a lone surrogate');
        refuseOutsideIJson(member, path ? `${path}.${key}` : key);
      }
      return;
    }
    default:
      throw outside(path, `a ${typeof value}`);
  }
}

function outside(path: string, what: string): WaybillError {
  return new WaybillError('INVALID_EVENT', `${path || '(root)'} holds ${what}, which JSON (RFC 7493) cannot carry`);
}
