import { canonicalText, sha256 } from '@waybill/kernel';
import type { ReleaseSpec } from '../release-resource/release.js';

/** Whether the desired state in a Release is the one whose digest it carries; a removal has neither. */
export function isAsAsked({ state, desired, digest }: ReleaseSpec): boolean {
  if (state === 'Absent') return true;
  return desired !== undefined && sha256(canonicalText(desired)) === digest;
}
