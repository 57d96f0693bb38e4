import { withPlanned } from '../../release-resource/inventory.js';
import type { Next, Pass } from '../pass.js';
import { removeEntries } from '../removing.js';
import { steady } from './steady.js';

/** The ledger wants the environment gone. The Release stays as a fence against records that come late. */
export async function absent(pass: Pass): Promise<Next | undefined> {
  const { release, facts, world } = pass;
  if (release.spec.state !== 'Absent') return undefined;
  if (facts.outcome?.phase === 'removed') return steady(pass);
  if (release.status?.observedLedgerGeneration !== facts.observedLedgerGeneration) {
    pass.set({ inventory: withPlanned(facts.inventory, { objects: [] }, pass.unlisted()) });
    if (pass.facts.inventory.length > 0) {
      await pass.save();
      return 'again';
    }
  }
  const { standing } = await removeEntries(pass, facts.inventory);
  if (standing.length > 0) return { afterMs: 2_000 };
  pass.set({
    inventory: [],
    tracks: undefined,
    outcome: { phase: 'removed', at: world.now().toISOString() },
    delay: undefined,
  });
  pass.note({ phase: 'removed', commit: null });
  await pass.save();
  return 'again';
}
