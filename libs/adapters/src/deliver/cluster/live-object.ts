import type { JsonValue } from '@waybill/kernel';
import { ApiError } from './api-error.js';
import type { LiveObject } from './cluster.js';
import type { ServedKind } from './discovery.js';
import { type Json, isRecord, textAt } from './json-fields.js';

/** An answer that is no JSON, or not what was asked for: a proxy's page, or an answer that was cut. */
export function strangeAnswer(what: string, words: string): ApiError {
  return new ApiError(what, {
    code: 'CLUSTER_FAILED',
    status: null,
    reason: 'StrangeAnswer',
    words,
    retryable: true,
    hint: 'See whether a proxy stands between the operator and the API server.',
  });
}

export function parseAnswer(what: string, body: string): JsonValue {
  try {
    return JSON.parse(body) as JsonValue;
  } catch {
    throw strangeAnswer(what, `the answer is no JSON: ${body.slice(0, 200)}`);
  }
}

export function liveObject(what: string, value: Json): LiveObject {
  const uid = textAt(value, 'metadata', 'uid');
  const resourceVersion = textAt(value, 'metadata', 'resourceVersion');
  if (isRecord(value) && textAt(value, 'kind') && textAt(value, 'metadata', 'name') && uid !== undefined) {
    // A dry-run of an object that is not there answers without a version.
    if (resourceVersion !== undefined) return value as unknown as LiveObject;
    return { ...value, metadata: { ...(value['metadata'] as object), resourceVersion: '' } } as unknown as LiveObject;
  }
  throw strangeAnswer(what, 'the answer is no object');
}

/** Items of a list come without what the list has said already. */
export function listedObject(what: string, served: ServedKind, item: JsonValue): LiveObject {
  const { group, version, kind } = served;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return liveObject(what, isRecord(item) ? { apiVersion, kind, ...item } : item);
}
