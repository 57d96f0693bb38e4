import { sha256 } from '@waybill/kernel';
import type { Ref } from './vocabulary.js';

/** `<project>--<slot>` must fit into 45 characters. */
const LONGEST_WITH_PROJECT = 43;
const HASH_DIGITS = 10;
const LOOKS_HASHED = /(^|-)[0-9a-f]{10}$/;

/** The slot of tags. No branch gets it. */
export const TAG_SLOT = 'prod';

/**
 * The place that a ref of a project takes in every location: `prod` for tags; for branches the name as a DNS-1123 label
 * without `--`, `43 - project.length` characters at most. A hash of the name is appended whenever the label is not the
 * name itself, and when the name could be mistaken for such a label, so that two branches never share a slot.
 */
export function slotOf(project: string, ref: Ref): string {
  if (ref.kind === 'tag') return TAG_SLOT;
  const longest = LONGEST_WITH_PROJECT - project.length;
  const label = ref.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (label === ref.name && label.length <= longest && label !== TAG_SLOT && !LOOKS_HASHED.test(label)) return label;
  const start = label.slice(0, longest - HASH_DIGITS - 1).replace(/-$/, '');
  const hash = sha256(ref.name).slice(0, HASH_DIGITS);
  return start === '' ? hash : `${start}-${hash}`;
}
