import { hash } from 'node:crypto';
import { v7 } from 'uuid';

/** Namespace of every name-based id (RFC 9562 §5.5) that Waybill derives. Never changes. */
const WAYBILL_NAMESPACE = Buffer.from('6f1c1f0e6f554f0b9f0f3c8f3a2b7a11', 'hex');

/** A fresh, time-ordered command id (RFC 9562 UUID v7). */
export function newId(): string {
  return v7();
}

/** UUID v5 of the parts: the same parts always give the same id. Parts are joined unambiguously. */
export function derivedId(...parts: readonly string[]): string {
  const hex = hash('sha1', Buffer.concat([WAYBILL_NAMESPACE, Buffer.from(JSON.stringify(parts))]));
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Id of the event a command yields at `index`. */
export function eventId(commandId: string, index: number): string {
  return derivedId('event', commandId, String(index));
}
