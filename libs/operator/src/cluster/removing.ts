import { referenceOfEntry } from '../release-resource/inventory.js';
import type { InventoryEntry } from '../release-resource/release.js';
import { carriesOurLabels } from './ownership.js';
import type { Pass } from './pass.js';

export interface Removal {
  /** Gone now, and ours before. */
  readonly removed: readonly InventoryEntry[];
  /** Being deleted: something holds it. */
  readonly standing: readonly InventoryEntry[];
}

/**
 * Removes what the entries name, the last applied first. Ours is what stands in the inventory, carries our labels and
 * has the uid that was written down; anything else under that name is left alone. An entry without a uid was written
 * down by somebody who was killed before he could see what he had applied: there the labels decide.
 */
export async function removeEntries(pass: Pass, entries: readonly InventoryEntry[]): Promise<Removal> {
  const removed: InventoryEntry[] = [];
  const standing: InventoryEntry[] = [];
  for (const entry of [...entries].reverse()) {
    // From the server: a watch may not have told yet that it is gone.
    const live = await pass.world.cluster.get(referenceOfEntry(entry));
    if (!live || (entry.uid !== undefined && live.metadata.uid !== entry.uid)) {
      if (entry.uid !== undefined) removed.push(entry);
      continue;
    }
    if (!carriesOurLabels(live, pass.release.spec)) continue;
    pass.mayWrite();
    const answer = await pass.world.cluster.remove(referenceOfEntry(entry), live.metadata.uid);
    if (answer === 'deleting') standing.push({ ...entry, uid: live.metadata.uid });
    else removed.push(entry);
  }
  if (standing.length === 0) return { removed, standing };
  // Most are gone by the time the answer is there; the others are waited for.
  const left: InventoryEntry[] = [];
  for (const entry of standing) {
    const live = await pass.world.cluster.get(referenceOfEntry(entry));
    if (live?.metadata.uid === entry.uid) left.push(entry);
    else removed.push(entry);
  }
  return { removed, standing: left };
}
