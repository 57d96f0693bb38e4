import { ApiError, type KubernetesObject, type LiveObject, type Plan } from '@waybill/adapters';
import { identity, referenceOfObject, withPlanned } from '../../release-resource/inventory.js';
import { carriesOurLabels, ownerOf } from '../ownership.js';
import { inParallel } from '../parallel.js';
import type { Next, Pass } from '../pass.js';

/**
 * What is about to stand is written down before the first of it is applied: whoever is killed in between leaves
 * nothing that his successor does not know of. Objects of others are found here, before anything is touched.
 */
export async function inventoryNotWritten(pass: Pass): Promise<Next | undefined> {
  const plan = (await pass.plan()) as Plan;
  const { facts } = pass;
  if (facts.inventoryHash === plan.inventoryHash) return undefined;
  const strangers = await inParallel(plan.objects, (object) => strangerAt(pass, object));
  const stranger = strangers.find((live) => live !== null);
  if (stranger) {
    const { kind, metadata } = stranger;
    const where = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
    pass.end('rejected', 'OwnedByAnother', `${kind} ${where} stands there already and belongs to ${ownerOf(stranger)}`);
    await pass.save();
    return 'again';
  }
  pass.set({
    inventory: withPlanned(facts.inventory, plan, pass.unlisted()),
    inventoryHash: plan.inventoryHash,
    appliedHash: undefined,
    appliedAt: undefined,
    rolledOutAt: undefined,
    prunedAt: undefined,
    outcome: undefined,
  });
  pass.note({ phase: 'adapted', objects: [...plan.references], inventoryHash: plan.inventoryHash });
  await pass.save();
  return 'again';
}

/** The object that stands in the way and is not ours: neither by its labels nor as the one we applied before. */
async function strangerAt(pass: Pass, object: KubernetesObject): Promise<LiveObject | null> {
  let live: LiveObject | null;
  try {
    live = await pass.live(object);
  } catch (error) {
    // Not served, or not to be read: applying it will say so, in the server's words.
    if (error instanceof ApiError && (error.reason === 'KindNotServed' || error.status === 403)) return null;
    throw error;
  }
  if (!live || carriesOurLabels(live, pass.release.spec)) return null;
  const key = identity(referenceOfObject(object));
  const known = pass.facts.inventory.find((entry) => identity(entry) === key);
  return known?.uid === live.metadata.uid ? null : live;
}
