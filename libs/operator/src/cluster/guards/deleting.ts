import { newRelease } from '../../release-resource/from-record.js';
import { RELEASE_FINALIZER, asObject, asRelease } from '../../release-resource/release.js';
import type { Next, Pass } from '../pass.js';

/**
 * Somebody deletes the Release. Only the ledger removes environments: one that is to be present is written again with
 * all it knew, and told as drift. What runs is not touched.
 */
export async function deleting(pass: Pass): Promise<Next | undefined> {
  const { release, facts, gone } = pass;
  if (!gone && release.metadata.deletionTimestamp === undefined) return undefined;
  if (release.spec.state === 'Absent') {
    const removed = facts.outcome?.phase === 'removed';
    // The removal is finished first. Without its fence the topic's record writes it again at the next start.
    if (!gone && !removed) return undefined;
    if (!gone) {
      await letGo(pass);
      pass.world.releases.drop(pass.name);
    }
    return 'wait';
  }
  if (!gone) await letGo(pass);
  await writeAgain(pass);
  return 'again';
}

/** Takes our finalizer off: the API server removes the Release unless somebody else's is left. */
async function letGo({ release, world, mayWrite }: Pass): Promise<void> {
  const finalizers = release.metadata.finalizers ?? [];
  if (!finalizers.includes(RELEASE_FINALIZER)) return;
  const kept = finalizers.filter((finalizer) => finalizer !== RELEASE_FINALIZER);
  mayWrite();
  await world.cluster.replace(asObject({ ...release, metadata: { ...release.metadata, finalizers: kept } }));
}

/** A killed process in between leaves a Release without a status: its objects are found again by their labels. */
async function writeAgain(pass: Pass): Promise<void> {
  const { release, facts, world, mayWrite } = pass;
  mayWrite();
  const created = asRelease(await world.cluster.create(newRelease(world.namespace, release.spec)));
  if (facts.outcome?.phase === 'healthy') {
    const path = `Release/${world.namespace}/${pass.name}: deleted`;
    pass.note({ phase: 'drifted', paths: [path], commit: null, noticedAt: world.now().toISOString() });
    pass.note({ phase: 'healed', commit: null });
  }
  await pass.save(created);
}
