import {
  type Health,
  type KubernetesObject,
  type LiveObject,
  type Plan,
  healthOf,
  podTroubles,
} from '@waybill/adapters';
import { referenceOfObject, withUids } from '../../release-resource/inventory.js';
import { applyObjects } from '../applying.js';
import { generationOf } from '../ownership.js';
import type { Next, Pass } from '../pass.js';
import { patience, withOneMore } from '../patience.js';
import { candidateIsUp, scaleCandidate } from '../tracks/coming-up.js';
import { giveUp } from '../tracks/give-up.js';
import { concludeUnlessStale } from './to-prune.js';

/** Between two looks at what no watch tells of. */
const UNWATCHED_MS = 1_000;

/** Applied: now the cluster's own controllers bring it about, and this waits for what they say. */
export async function rollingOut(pass: Pass): Promise<Next | undefined> {
  const plan = (await pass.plan()) as Plan;
  const { facts, release, world } = pass;
  if (facts.rolledOutAt !== undefined || facts.appliedAt === undefined || facts.progress?.upAt !== undefined) {
    return undefined;
  }
  const scaled = facts.progress && (await scaleCandidate(pass, facts.progress));
  if (scaled) return 'again';
  const appliedAt = Date.parse(facts.appliedAt);
  const leftMs = appliedAt + release.spec.progressDeadlineSeconds * 1000 - world.now().getTime();
  const looked = await Promise.all(plan.objects.map((object) => look(pass, object)));

  const failed = looked.find(({ health }) => health.status === 'failed');
  const behind = looked.filter(({ health }) => health.status !== 'current');
  if (failed) return fail(pass, failed, failed.health.reason);
  if (behind.length > 0 && leftMs <= 0) return fail(pass, behind[0]!, 'ProgressDeadlineExceeded');
  const undone = behind.filter(({ live }) => live === null || generationOf(live) !== release.spec.generation);
  if (undone.length > 0) {
    // Somebody took them away or wrote over them, a predecessor that slept perhaps.
    const waitMs = patience(facts.heals, world.now());
    if (waitMs > 0) return undoneAgain(pass, undone, Math.min(waitMs, leftMs));
    const applied = await applyObjects(
      pass,
      undone.map(({ object }) => object),
    );
    const heals = withOneMore(facts.heals, world.now());
    pass.set({ inventory: withUids(facts.inventory, applied), heals });
    await pass.save();
    return 'again';
  }
  if (behind.length > 0) {
    const watched = behind.every(({ object }) => world.objects.watches(referenceOfObject(object)));
    return { afterMs: watched ? leftMs : Math.min(leftMs, UNWATCHED_MS) };
  }

  if (facts.progress) return candidateIsUp(pass, facts.progress);
  const now = world.now();
  pass.set({ rolledOutAt: now.toISOString(), delay: undefined });
  pass.note({ phase: 'rolled-out', durationMs: Math.max(0, now.getTime() - appliedAt) });
  concludeUnlessStale(pass, plan);
  await pass.save();
  return 'again';
}

interface Looked {
  readonly object: KubernetesObject;
  readonly live: LiveObject | null;
  readonly health: Health;
}

async function look(pass: Pass, object: KubernetesObject): Promise<Looked> {
  const live = await pass.live(object);
  if (!live) return { object, live, health: { status: 'in-progress', reason: 'Missing', message: 'it is not there' } };
  if (generationOf(live) !== pass.release.spec.generation) {
    return { object, live, health: { status: 'in-progress', reason: 'Overwritten', message: 'it was written over' } };
  }
  return { object, live, health: healthOf(live) };
}

/** Who undoes it again and again is given way to, for longer and longer, and told of: two writers must not fight. */
async function undoneAgain(pass: Pass, undone: readonly Looked[], afterMs: number): Promise<Next> {
  const { facts, world } = pass;
  const attempt = facts.heals?.inARow ?? 1;
  if (facts.delay?.reason !== UNDONE || facts.delay.attempt < attempt) {
    const [{ object, health }] = undone as [Looked];
    const message = `${object.kind} ${object.metadata.name}: ${health.message}, again after it was applied again`;
    const since = facts.delay?.since ?? world.now().toISOString();
    pass.set({ delay: { attempt, reason: UNDONE, message, since } });
    pass.note({ phase: 'delayed', attempt, reason: UNDONE, message });
    await pass.save();
    return 'again';
  }
  return { afterMs };
}

const UNDONE = 'UndoneBySomebody';

/** The rollout has failed: the operator stops within its generation and tells what the pods themselves say. */
async function fail(pass: Pass, { object, live, health }: Looked, reason: string): Promise<Next> {
  const { kind, metadata } = object;
  const troubles = live ? await podTroubles(pass.world.cluster, live).catch((error: unknown) => [String(error)]) : [];
  const message = [`${kind} ${metadata.name}: ${health.message}`, ...troubles].join('. ');
  if (pass.facts.progress) giveUp(pass, 'failed', reason, message);
  else pass.end('failed', reason, message);
  await pass.save();
  return 'again';
}
