import { RejectedError, otherTrack } from '@waybill/adapters';
import { rolloutSteps } from '@waybill/domain';
import { withPlanned } from '../../release-resource/inventory.js';
import { generationOf } from '../ownership.js';
import type { Next, Pass } from '../pass.js';
import { availableOf, deploymentOf, replicasOf } from '../tracks/deployments.js';
import { foundTracks } from '../tracks/found.js';

/**
 * Whether the new version comes up beside the one that runs, or takes its place where it stands: that is for its
 * strategy, and where nothing runs that could keep the traffic, there is nothing to go in steps from. Saved together with
 * the inventory; until then it is chosen anew at each look.
 */
export async function wayChosen(pass: Pass): Promise<Next | undefined> {
  const { facts, release, world, name } = pass;
  if (facts.inventoryHash !== undefined || facts.outcome || facts.progress) return undefined;
  const found = pass.unlisted();
  if (found.length > 0) pass.set({ inventory: withPlanned(facts.inventory, { objects: [] }, found) });
  const tracks = facts.tracks ?? foundTracks(world.objects.of(name));
  if (tracks.leaving) {
    pass.set({ tracks });
    await pass.save();
    return 'again';
  }
  const { active } = tracks;
  pass.set({ tracks: { active } });
  const strategy = release.spec.desired?.strategy;
  const steps = strategy ? rolloutSteps(strategy) : [];
  if (steps.length === 0) return undefined;
  const plan = await pass.plan();
  if (plan instanceof RejectedError) return undefined;
  const live = await deploymentOf(pass, active);
  if (!live || availableOf(live) === 0 || generationOf(live) === release.spec.generation) return undefined;
  // Services, subsets and routes reach both tracks in one namespace only.
  const planned = plan.objects.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === live.metadata.name,
  );
  if (planned?.metadata.namespace !== live.metadata.namespace) return undefined;
  pass.set({
    tracks: { active, candidate: otherTrack(active), replicas: tracks.replicas ?? replicasOf(live) },
    progress: { step: 0, of: steps.length, weight: 0 },
  });
  return undefined;
}
