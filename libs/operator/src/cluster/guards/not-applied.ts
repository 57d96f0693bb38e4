import type { Plan } from '@waybill/adapters';
import { withUids } from '../../release-resource/inventory.js';
import { applyObjects } from '../applying.js';
import type { Next, Pass } from '../pass.js';

/** Brings every planned object to the cluster, in their order; what stands already as planned does not change. */
export async function notApplied(pass: Pass): Promise<Next | undefined> {
  const plan = (await pass.plan()) as Plan;
  const { facts, world } = pass;
  if (facts.appliedHash === plan.inventoryHash) return undefined;
  const began = world.now().getTime();
  const applied = await applyObjects(pass, plan.objects);
  const ended = world.now();
  pass.set({
    inventory: withUids(facts.inventory, applied),
    appliedHash: plan.inventoryHash,
    appliedAt: ended.toISOString(),
    delay: undefined,
  });
  const durationMs = Math.max(0, ended.getTime() - began);
  pass.note({ phase: 'applied', inventoryHash: plan.inventoryHash, commit: null, durationMs });
  await pass.save();
  return 'again';
}
