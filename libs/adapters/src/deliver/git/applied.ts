import type { DesiredRecord } from '@waybill/channel';
import { type EnvironmentId, environmentName } from '@waybill/domain';
import type { ObjectReader } from '@waybill/git';
import { RejectedError } from '../../plan/rejected.js';
import { type Applied, standsAt } from '../deliverer.js';
import { type Marker, folderOf, markerPath, parseMarker } from './deployment-commit.js';
import type { OwnCommits } from './own-commits.js';

/**
 * What the branch holds of the environment. Our own commits are the memory, also of what was removed; the marker alone
 * speaks where the history was cut off.
 */
export async function appliedAt(
  own: OwnCommits,
  reader: ObjectReader,
  tip: string | null,
  environment: EnvironmentId,
): Promise<Applied | null> {
  const newest = own.newest(environment);
  if (newest?.state === 'absent') return { ...newest, digest: null, inventoryHash: null };
  const base = newest?.commit ?? tip;
  const marker = base === null ? undefined : await markerAt(reader, base, environment);
  const ours = marker?.environment.location === environment.location;
  if (!newest && !ours) return null;
  return {
    generation: newest?.generation ?? marker!.generation,
    state: 'present',
    digest: ours ? marker.digest : null,
    inventoryHash: ours ? marker.inventoryHash : null,
    commit: base,
  };
}

/**
 * Whether nothing is left to do. Throws when the record must not be written over what stands there: `LowerGeneration`,
 * `DigestMismatch`, and `FolderInUse` when the folder is another location's.
 */
export async function standsAlready(
  record: DesiredRecord,
  applied: Applied | null,
  reader: ObjectReader,
  tip: string | null,
): Promise<boolean> {
  if (standsAt(record, applied)) return true;
  if (record.state === 'absent' && (!applied || applied.state === 'absent')) return true;
  if (tip !== null) await refuseForeignFolder(reader, tip, record.environment);
  return false;
}

/** Two locations in one branch would take turns overwriting each other. */
async function refuseForeignFolder(reader: ObjectReader, tip: string, environment: EnvironmentId): Promise<void> {
  const marker = await markerAt(reader, tip, environment);
  if (!marker || marker.environment.location === environment.location) return;
  throw new RejectedError(
    'FolderInUse',
    `${folderOf(environment)} in this branch belongs to ${environmentName(marker.environment)}`,
    { hint: 'Give every location a repository or a branch of its own.' },
  );
}

async function markerAt(reader: ObjectReader, commit: string, environment: EnvironmentId): Promise<Marker | undefined> {
  const object = await reader.read(`${commit}:${markerPath(environment)}`);
  return object?.type === 'blob' ? parseMarker(object.content.toString('utf8')) : undefined;
}
