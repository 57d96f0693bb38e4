import { type KubernetesObject, type Plan, driftOf } from '@waybill/adapters';
import { withUids } from '../../release-resource/inventory.js';
import { applyObjects } from '../applying.js';
import { labelled } from '../ownership.js';
import { inParallel } from '../parallel.js';
import type { Next, Pass } from '../pass.js';
import { patience, withOneMore } from '../patience.js';

/** Most paths that one report names. */
const MAX_PATHS = 200;

/**
 * Somebody changed or removed what we applied. Healed when the Release says so; whoever changes it again and again is
 * given way to for longer and longer, so that two controllers do not fight.
 */
export async function drifted(pass: Pass): Promise<Next | undefined> {
  const plan = (await pass.plan()) as Plan;
  const { facts, release, world } = pass;
  if (facts.outcome?.phase !== 'healthy') return undefined;
  const looked = await inParallel(plan.objects, async (object) => ({ object, paths: await differences(pass, object) }));
  const changed = looked.filter(({ paths }) => paths.length > 0);
  const paths = changed.flatMap((one) => one.paths).slice(0, MAX_PATHS);
  if (changed.length === 0) {
    if (!facts.drift) return undefined;
    return healed(pass, false);
  }
  if (facts.drift?.paths.join('\n') !== paths.join('\n')) {
    const noticedAt = world.now().toISOString();
    pass.set({ drift: { paths, noticedAt } });
    pass.note({ phase: 'drifted', paths, commit: null, noticedAt });
    await pass.save();
    return 'again';
  }
  if (release.spec.driftPolicy === 'Report') return undefined;
  const waitMs = patience(facts.heals, world.now());
  if (waitMs > 0) return { afterMs: waitMs };
  const applied = await applyObjects(
    pass,
    changed.map(({ object }) => object),
  );
  pass.set({ inventory: withUids(facts.inventory, applied) });
  return healed(pass, true);
}

/** What kept it from being healed is taken back by `steady`, which tells the ledger so. */
async function healed(pass: Pass, byUs: boolean): Promise<Next> {
  pass.set({ drift: undefined, ...(byUs && { heals: withOneMore(pass.facts.heals, pass.world.now()) }) });
  pass.note({ phase: 'healed', commit: null });
  await pass.save();
  return 'again';
}

async function differences(pass: Pass, object: KubernetesObject): Promise<string[]> {
  const { world, name, release } = pass;
  const where = `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`.replace('//', '/');
  const live = await pass.live(object);
  if (!live) return [`${where}: removed`];
  if (world.compared.has(name, live)) return [];
  const paths = await driftOf(world.cluster, labelled(object, release.spec.location), live);
  if (paths.length === 0) world.compared.set(name, live);
  return paths.map((path) => `${where}: ${path}`.slice(0, 500));
}
