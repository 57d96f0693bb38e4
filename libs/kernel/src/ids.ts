import { v5, v7 } from 'uuid';

/** Namespace of every name-based id (RFC 9562 §5.5) that Waybill derives. Never changes. */
const WAYBILL_NAMESPACE = '6f1c1f0e-6f55-4f0b-9f0f-3c8f3a2b7a11';

/** A fresh, time-ordered command id (RFC 9562 UUID v7). */
export function newId(): string {
  return v7();
}

/** UUID v5 of the parts: the same parts always give the same id. Parts are joined unambiguously. */
export function derivedId(...parts: readonly string[]): string {
  return v5(JSON.stringify(parts), WAYBILL_NAMESPACE);
}

/** Id of the event a command yields at `index`. */
export function eventId(commandId: string, index: number): string {
  return derivedId('event', commandId, String(index));
}
