import { onlyTrack } from '@waybill/adapters';
import { identity, referenceOfEntry } from '../../release-resource/inventory.js';
import { type InventoryEntry, releaseName } from '../../release-resource/release.js';
import { carriesOurLabels } from '../ownership.js';
import type { Next, Pass } from '../pass.js';
import { deploymentOf, scale } from '../tracks/deployments.js';
import { settling } from '../tracks/settling.js';
import { applyAndReadBack } from '../tracks/traffic.js';

/**
 * A generation came while a candidate of an older one was there: whatever the new one wants, all traffic goes to the
 * active track first. Done to what stands, whether or not the new generation can be planned.
 */
export async function leavingCandidate(pass: Pass): Promise<Next | undefined> {
  const { facts, world } = pass;
  const { tracks } = facts;
  if (!tracks?.leaving || tracks.candidate === undefined) return undefined;
  const active = await deploymentOf(pass, tracks.active);
  if (!active) {
    // Somebody took away what was to keep the traffic: the candidate is all there is.
    const candidate = await deploymentOf(pass, tracks.candidate);
    pass.set({ tracks: { active: candidate ? tracks.candidate : tracks.active } });
    await pass.save();
    return 'again';
  }
  if (tracks.backAt === undefined) {
    const steering = steeringOf(facts.inventory, releaseName(pass.release.spec));
    for (const entry of steering) {
      const live = await world.cluster.get(referenceOfEntry(entry));
      if (!live || !carriesOurLabels(live, pass.release.spec)) continue;
      pass.keep(live);
      const left = await applyAndReadBack(pass, [onlyTrack(live, tracks.active)]);
      if (left.length > 0) return { afterMs: 200 };
    }
    if (tracks.replicas !== undefined && !facts.inventory.some(({ kind }) => kind === 'HorizontalPodAutoscaler')) {
      await scale(pass, active, tracks.replicas);
    }
    pass.set({ tracks: { ...tracks, backAt: world.now().toISOString() } });
    await pass.save();
    return 'again';
  }
  const waitMs = settling(pass, tracks.backAt);
  if (waitMs > 0) return { afterMs: waitMs };
  pass.set({ tracks: { active: tracks.active, ...(tracks.replicas !== undefined && { replicas: tracks.replicas }) } });
  await pass.save();
  return 'again';
}

/** The route where there is one, otherwise the Service: the other one reaches both tracks and is not touched. */
function steeringOf(inventory: readonly InventoryEntry[], name: string): InventoryEntry[] {
  const ours = inventory.filter((entry) => entry.name === name && entry.uid !== undefined);
  const routes = ours.filter(({ kind }) => kind === 'VirtualService');
  const services = ours.filter(({ group, kind }) => group === '' && kind === 'Service');
  return [...new Map((routes.length > 0 ? routes : services).map((entry) => [identity(entry), entry])).values()];
}
