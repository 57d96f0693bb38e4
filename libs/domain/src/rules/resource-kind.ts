import { ResourceKind } from '../vocabulary.js';

/** Longest first, should one kind ever be the start of another. */
const KINDS = [...ResourceKind.options].sort((a, b) => b.length - a.length);

/** The kind that a resource key names with its start: `gateway-api-prod1` → `gateway-api`. Undefined: none. */
export function resourceKindOf(key: string): ResourceKind | undefined {
  return KINDS.find((kind) => key.startsWith(`${kind}-`) && key.length > kind.length + 1);
}
