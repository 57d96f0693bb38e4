import { type LiveObject, type Plan, healthOf, otherTrack, podTroubles, readBack } from '@waybill/adapters';
import { rolloutSteps } from '@waybill/domain';
import type { Progress } from '../../release-resource/release.js';
import { generationOf } from '../ownership.js';
import type { Next, Pass } from '../pass.js';
import { measure } from '../tracks/analysis.js';
import { availableOf, deploymentOf, replicasOf, scale } from '../tracks/deployments.js';
import { giveUp } from '../tracks/give-up.js';
import { held, pauseAfter } from '../tracks/hold.js';
import { activeReplicas, candidateReplicas } from '../tracks/replicas.js';
import { settling } from '../tracks/settling.js';
import { applyAndReadBack, shifted } from '../tracks/traffic.js';

/** Between two looks at what no watch tells of. */
const LOOK_MS = 200;

/** The candidate is up: traffic is shifted to it, step by step, for as long as it does well and nobody objects. */
export async function stepping(pass: Pass): Promise<Next | undefined> {
  const { facts, release, world } = pass;
  const { progress } = facts;
  if (progress?.upAt === undefined || facts.outcome) return undefined;
  const unwell = await ofCandidate(pass, progress);
  if (unwell) return unwell;
  const next = held(release.spec.desired!, progress, release.spec.directive, world.now().getTime());
  switch (next.do) {
    case 'go':
      return (await putBack(pass, 'missing')) ?? (progress.step < progress.of ? shift : finish)(pass, progress);
    case 'measure':
      return measureOnce(pass, progress);
    case 'wait':
      return (await putBack(pass)) ?? (next.ms === null ? 'wait' : { afterMs: next.ms });
    case 'resume':
      pass.note({ phase: 'rollout-resumed', step: progress.step, why: next.why });
      break;
    case 'pause': {
      const { why, until = null } = next.progress.paused!;
      pass.note({ phase: 'rollout-paused', step: progress.step, until, why });
      break;
    }
    case 'note':
  }
  pass.set({ progress: next.progress });
  await pass.save();
  return 'again';
}

/** The Deployment of the candidate stands as planned and does as well as when it came up, or what is done about it. */
async function ofCandidate(pass: Pass, progress: Progress): Promise<Next | undefined> {
  const { release, world, facts } = pass;
  const live = await deploymentOf(pass, otherTrack(facts.tracks!.active));
  if (!live || generationOf(live) !== release.spec.generation) return putBack(pass);
  const health = healthOf(live);
  const { name } = live.metadata;
  if (health.status === 'failed') return fail(pass, live, health.reason, health.message);
  // A pod that is there and not ready is given time; without a single one that is, every request that comes here fails.
  if (progress.weight > 0 && availableOf(live) === 0 && replicasOf(live) > 0) {
    return fail(pass, live, 'CandidateUnavailable', `no pod of ${name} is available any more`);
  }
  const now = world.now();
  if (health.status === 'current') {
    if (progress.unwellSince !== undefined) {
      const { unwellSince: _, ...well } = progress;
      pass.set({ progress: well });
      await pass.save();
      return 'again';
    }
    return undefined;
  }
  if (progress.unwellSince === undefined) {
    pass.set({ progress: { ...progress, unwellSince: now.toISOString() } });
    await pass.save();
    return 'again';
  }
  const leftMs = Date.parse(progress.unwellSince) + release.spec.progressDeadlineSeconds * 1000 - now.getTime();
  if (leftMs <= 0) return fail(pass, live, 'ProgressDeadlineExceeded', health.message);
  return { afterMs: leftMs };
}

async function fail(pass: Pass, live: LiveObject, reason: string, message: string): Promise<Next> {
  const troubles = await podTroubles(pass.world.cluster, live).catch((error: unknown) => [String(error)]);
  giveUp(pass, 'failed', reason, [`Deployment ${live.metadata.name}: ${message}`, ...troubles].join('. '));
  await pass.save();
  return 'again';
}

/**
 * What stands is what the step says: while it is held, whoever changes it is undone. On the way to the next step only what
 * is missing comes back: the rest may be that of the next one already, when its predecessor was killed there.
 */
async function putBack(pass: Pass, only?: 'missing'): Promise<Next | undefined> {
  const { objects } = (await pass.plan()) as Plan;
  const undone = [];
  for (const object of objects) {
    const live = await pass.live(object);
    if (!live) undone.push(object);
    if (!live || only) continue;
    const same = generationOf(live) === pass.release.spec.generation;
    if (!same || (object.kind !== 'Deployment' && readBack(object, live).length > 0)) undone.push(object);
  }
  if (undone.length === 0) return undefined;
  await applyAndReadBack(pass, undone);
  await pass.save();
  return { afterMs: LOOK_MS };
}

async function measureOnce(pass: Pass, progress: Progress): Promise<Next> {
  const { release, world } = pass;
  const { step } = progress;
  const analysis = pauseAfter(release.spec.desired!, step).analysis!;
  const measured = await measure(analysis, world.signal);
  const { made = 0, failed = 0 } = progress.analysis ?? {};
  const next = {
    made: made + 1,
    failed: failed + (measured.verdict === 'passed' ? 0 : 1),
    at: world.now().toISOString(),
  };
  pass.set({ progress: { ...progress, analysis: next } });
  pass.note({ phase: 'analysed', step, measurement: next.made, ...measured });
  if (next.failed > analysis.failureLimit) {
    const times = `${next.failed} of ${next.made} measurements at step ${step}`;
    giveUp(pass, 'analysis', 'AnalysisFailed', `${times} did not pass: ${measured.message}`);
  }
  await pass.save();
  return 'again';
}

/**
 * To the next step. Without a mesh the candidate gets its replicas first and the active track gives up its own last, so
 * that there are never fewer than there were.
 */
async function shift(pass: Pass, progress: Progress): Promise<Next> {
  const { world, release, facts } = pass;
  const desired = release.spec.desired!;
  const steps = rolloutSteps(desired.strategy);
  const step = progress.full ? progress.of : progress.step + 1;
  const { weight } = steps[step - 1]!;
  const beganAt = progress.beganAt ?? world.now().toISOString();
  const active = await deploymentOf(pass, facts.tracks!.active);
  const candidate = (await deploymentOf(pass, otherTrack(facts.tracks!.active)))!;
  const counted = { active: active ? replicasOf(active) : 0, candidate: replicasOf(candidate) };
  const wanted = candidateReplicas(desired, facts, weight, counted);

  async function later(afterMs: number): Promise<Next> {
    pass.set({ progress: { ...progress, beganAt } });
    await pass.save();
    return { afterMs };
  }

  if (wanted > counted.candidate && (await scale(pass, candidate, wanted))) return later(0);
  const objects = shifted((await pass.plan()) as Plan, (await pass.plan(weight)) as Plan);
  if ((await applyAndReadBack(pass, objects)).length > 0) return later(LOOK_MS);
  const left = activeReplicas(desired, facts, weight, wanted);
  if (active && left !== undefined && left < counted.active) await scale(pass, active, left);

  const now = world.now();
  const { beganAt: _, passed: _p, analysis: _a, ...kept } = progress;
  pass.set({ progress: { ...kept, step, weight, shiftedAt: now.toISOString() }, delay: undefined });
  const durationMs = Math.max(0, now.getTime() - Date.parse(beganAt));
  pass.note({
    phase: 'traffic-shifted',
    step,
    of: progress.of,
    weight,
    track: otherTrack(facts.tracks!.active),
    durationMs,
  });
  await pass.save();
  return 'again';
}

/** The candidate takes everything, and the last pause is over: the tracks change places. */
async function finish(pass: Pass, progress: Progress): Promise<Next> {
  const waitMs = settling(pass, progress.shiftedAt!);
  if (waitMs > 0) return { afterMs: waitMs };
  pass.set({ tracks: { active: otherTrack(pass.facts.tracks!.active) }, progress: undefined });
  await pass.save();
  return 'again';
}
