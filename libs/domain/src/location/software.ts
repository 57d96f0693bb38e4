import { z } from 'zod';

/** A program and its version; null where it tells none. */
export const Software = z.strictObject({ name: z.string().max(100), version: z.string().max(100).nullable() });
export type Software = z.infer<typeof Software>;

/**
 * A program as it introduces itself: `waybill/0.1.0` and `waybill 0.1.0` have a version, `waybill` has none. Old events
 * are read with it (upcast.ts), so what it makes of a text must never change.
 */
export function softwareOf(text: string): Software {
  const match = /^(.*\S)[\s/]+v?(\d\S*)$/.exec(text);
  return match ? { name: match[1]!, version: match[2]! } : { name: text, version: null };
}
