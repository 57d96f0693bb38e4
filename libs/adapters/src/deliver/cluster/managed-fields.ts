import type { JsonObject, JsonValue } from '@waybill/kernel';
import { groupOf } from '../../versions/table.js';
import { isRecord, listAt, textAt } from './json-fields.js';

/** Whose the fields are that are applied here. It must never change: what another name applied is not ours to prune. */
export const FIELD_MANAGER = 'waybill-operator';

/**
 * Whether what we applied before was written in another version than `apiVersion`. The API server compares the next
 * apply with it: where it cannot turn the one version into the other any more it refuses ("field not declared in
 * schema", "invalid group/version"), or forgets without a word what was ours.
 */
export function appliedInAnotherVersion(live: JsonObject, apiVersion: string): boolean {
  return listAt(live, 'metadata', 'managedFields').some((entry) => isOurs(entry) && versionOf(entry) !== apiVersion);
}

/**
 * The entries of an object's managedFields as they must be for an apply in `apiVersion`: ours, and those of versions
 * that are not served any more, are said to be of that version (as fluxcd/pkg `ssa` MigrateAPIVersion does for all of
 * them). Undefined when nothing is to be changed.
 */
export function migratedManagedFields(
  live: JsonObject,
  apiVersion: string,
  isServed: (apiVersion: string) => boolean,
): readonly JsonValue[] | undefined {
  const entries = listAt(live, 'metadata', 'managedFields');
  const migrated = entries.map((entry) => {
    const written = versionOf(entry);
    if (!isRecord(entry) || written === undefined || written === apiVersion) return entry;
    // Of another group is what a controller wrote through a subresource of its own, such as Scale.
    if (!isOurs(entry) && (isServed(written) || groupOf(written) !== groupOf(apiVersion))) return entry;
    return { ...entry, apiVersion };
  });
  return migrated.some((entry, i) => entry !== entries[i]) ? migrated : undefined;
}

/** What is remembered of managedFields, which may be most of an object's size: who wrote in which version. */
export function withoutFieldSets(managedFields: readonly JsonValue[]): readonly JsonValue[] {
  return managedFields.filter(isRecord).map(({ fieldsV1: _, ...entry }) => entry);
}

/** Words with which the API server refuses an apply because of what earlier ones left in managedFields. */
export const OF_ANOTHER_VERSION =
  /field not declared in schema|failed to create manager for existing fields|invalid group\/version|conversion failed|failed to convert/i;

const isOurs = (entry: JsonValue): boolean =>
  textAt(entry, 'manager') === FIELD_MANAGER && textAt(entry, 'operation') === 'Apply';

const versionOf = (entry: JsonValue): string | undefined => textAt(entry, 'apiVersion');
