import type { JsonObject, JsonValue } from '@waybill/kernel';

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `onto` with the fields of `from`; lists are replaced whole. */
export function merged(onto: JsonObject, from: JsonObject): JsonObject {
  const result: Record<string, JsonValue | undefined> = { ...onto };
  for (const [name, value] of Object.entries(from)) {
    const before = result[name];
    result[name] = isObject(value) && isObject(before) ? merged(before, value) : value;
  }
  return result;
}

/** `object` without the leaves that `fields` has; what was merged over it stays when it is given again. */
export function withoutFields(object: JsonObject, fields: JsonObject): JsonObject {
  const result: Record<string, JsonValue | undefined> = { ...object };
  for (const [name, value] of Object.entries(fields)) {
    const before = result[name];
    if (isObject(value) && isObject(before)) {
      const left = withoutFields(before, value);
      if (Object.keys(left).length === 0) delete result[name];
      else result[name] = left;
    } else delete result[name];
  }
  return result;
}
