import { type KubernetesObject, type Plan, onlyTrack } from '@waybill/adapters';
import { identity, referenceOfObject } from '../../release-resource/inventory.js';
import type { InventoryEntry } from '../../release-resource/release.js';
import { applyObjects } from '../applying.js';
import type { Next, Pass } from '../pass.js';
import { removeEntries } from '../removing.js';
import { deploymentOf, scale } from '../tracks/deployments.js';
import { activeReplicas } from '../tracks/replicas.js';
import { settling } from '../tracks/settling.js';
import { applyAndReadBack, shifted } from '../tracks/traffic.js';

/**
 * The candidate was given up: all traffic back to the active track, which never left, then the candidate goes, and then
 * the generation has failed. Without an active track to go back to the candidate stays as it is.
 */
export async function returning(pass: Pass): Promise<Next | undefined> {
  const { facts, world } = pass;
  const { progress, tracks } = facts;
  const back = progress?.returning;
  if (!progress || !back || !tracks || facts.outcome) return undefined;
  const active = await deploymentOf(pass, tracks.active);
  if (!active) {
    pass.end('failed', back.reason, `${back.message}. What ran before is not there any more: nothing was taken back`);
    await pass.save();
    return 'again';
  }
  const atNone = (await pass.plan(0)) as Plan;
  if (back.backAt === undefined) {
    const known = new Set(facts.inventory.map(identity));
    const steering = shifted((await pass.plan(100)) as Plan, atNone).filter((object) =>
      known.has(identity(referenceOfObject(object))),
    );
    if ((await applyAndReadBack(pass, steering)).length > 0) return { afterMs: 200 };
    const replicas = activeReplicas(pass.release.spec.desired!, facts, 0, 0);
    if (replicas !== undefined) await scale(pass, active, replicas);
    const backAt = world.now().toISOString();
    pass.set({ progress: { ...progress, weight: 0, returning: { ...back, backAt } } });
    await pass.save();
    return 'again';
  }
  const waitMs = settling(pass, back.backAt);
  if (waitMs > 0) return { afterMs: waitMs };

  // The Service held both tracks for the mesh's subsets.
  const service = atNone.objects.find(({ kind, metadata }) => kind === 'Service' && !isPreview(metadata.name));
  const held = service && (await pass.live(service));
  if (held) await applyObjects(pass, [onlyTrack(held, tracks.active)]);

  const mounted = JSON.stringify(active['spec']);
  const doomed = atNone.objects.filter((object) => isCandidates(object, tracks.candidate, mounted));
  const keys = new Set(doomed.map((object) => identity(referenceOfObject(object))));
  const entries = facts.inventory.filter((entry) => keys.has(identity(entry)));
  const { standing } = await removeEntries(pass, entries);
  const left = new Set(standing.map(identity));
  const kept = (entry: InventoryEntry): boolean => !keys.has(identity(entry)) || left.has(identity(entry));
  pass.set({ inventory: facts.inventory.filter(kept), tracks: { active: tracks.active } });
  const durationMs = Math.max(0, Date.parse(back.backAt) - Date.parse(back.since));
  pass.note({ phase: 'returned-to-stable', why: back.why, durationMs });
  pass.end('failed', back.reason, back.message);
  await pass.save();
  return 'again';
}

/** What is there for the candidate alone. Its configuration may be that of the active track as well. */
function isCandidates({ kind, metadata }: KubernetesObject, track: string | undefined, mounted: string): boolean {
  if (isPreview(metadata.name)) return true;
  if (kind === 'Deployment') return metadata.labels?.['waybill.dev/track'] === track;
  return kind === 'ConfigMap' && isNamedByContent(metadata.name) && !mounted.includes(`"${metadata.name}"`);
}

const isPreview = (name: string): boolean => name.endsWith('--preview');

const isNamedByContent = (name: string): boolean => /--[0-9a-f]{10}$/.test(name);
