import type { Plan } from '@waybill/adapters';
import { identity, referenceOfEntry, stale } from '../../release-resource/inventory.js';
import type { Next, Pass } from '../pass.js';
import { removeEntries } from '../removing.js';

/** What earlier generations applied and this one does not need goes last, when the new one is known to run. */
export async function toPrune(pass: Pass): Promise<Next | undefined> {
  const plan = (await pass.plan()) as Plan;
  const { facts, release, world } = pass;
  if (facts.rolledOutAt === undefined || facts.outcome !== undefined) return undefined;
  const unneeded = stale(facts.inventory, plan);
  const { removed, standing } = await removeEntries(pass, unneeded);
  if (standing.length > 0) {
    const since = Date.parse(facts.rolledOutAt);
    const leftMs = since + release.spec.progressDeadlineSeconds * 1000 - world.now().getTime();
    if (leftMs > 0) return { afterMs: Math.min(leftMs, 2_000) };
    const names = standing.map(({ kind, name }) => `${kind} ${name}`).join(', ');
    pass.end('failed', 'PruneTimedOut', `Still being deleted, held by a finalizer: ${names}`);
    await pass.save();
    return 'again';
  }
  const gone = new Set(unneeded.map(identity));
  pass.set({ inventory: facts.inventory.filter((entry) => !gone.has(identity(entry))) });
  if (removed.length > 0) {
    const now = world.now();
    const durationMs = Math.max(0, now.getTime() - Date.parse(facts.rolledOutAt));
    pass.set({ prunedAt: now.toISOString() });
    pass.note({ phase: 'pruned', objects: removed.map(referenceOfEntry), durationMs });
  }
  concludeUnlessStale(pass, plan);
  await pass.save();
  return 'again';
}

/** Rolled out and nothing left over: the generation is healthy. */
export function concludeUnlessStale(pass: Pass, plan: Plan): void {
  if (stale(pass.facts.inventory, plan).length > 0) return;
  pass.set({ outcome: { phase: 'healthy', at: pass.world.now().toISOString() }, delay: undefined });
  pass.note({ phase: 'healthy' });
}
