import type { JsonObject, JsonValue } from '@waybill/kernel';

/** A part of an object that others wrote: nothing about its shape is sure. */
export type Json = JsonValue | undefined;

export function isRecord(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at the path; undefined where anything on the way is missing or no object. */
export function valueAt(value: Json, ...path: readonly string[]): Json {
  let here = value;
  for (const name of path) {
    if (!isRecord(here)) return undefined;
    here = here[name];
  }
  return here;
}

export function textAt(value: Json, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** Also of a number written as text: protobuf's JSON writes 64-bit integers so, and Istio's status with it. */
export function numberAt(value: Json, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  if (typeof found === 'number') return found;
  return typeof found === 'string' && /^-?\d{1,15}$/.test(found) ? Number(found) : undefined;
}

export function listAt(value: Json, ...path: readonly string[]): readonly JsonValue[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? (found as readonly JsonValue[]) : [];
}

export function recordAt(value: Json, ...path: readonly string[]): JsonObject {
  const found = valueAt(value, ...path);
  return isRecord(found) ? found : {};
}
