import { RejectedError } from '@waybill/adapters';
import { withDesired } from '../../release-resource/from-record.js';
import { asObject, asRelease, withoutStatus } from '../../release-resource/release.js';
import { HeldUpError } from '../fault.js';
import type { Next, Pass } from '../pass.js';
import { patience, withOneMore } from '../patience.js';

/**
 * Somebody changed the desired state in the Release: what the ledger asked for is put back, and told as drift. Only the
 * operator's own resource is written, so it does not ask for the drift policy. Where nobody here knows any more what was
 * asked for, the ledger is told that it is lacking, and sends it again.
 */
export async function edited(pass: Pass): Promise<Next | undefined> {
  const plan = await pass.plan();
  if (!(plan instanceof RejectedError) || plan.reason !== 'DigestMismatch') return undefined;
  const { facts, name, release, world } = pass;
  const desired = world.releases.asked(release);
  if (!desired) {
    world.lacking();
    throw new HeldUpError(plan.reason, `${plan.message}. The ledger is asked for it again`);
  }
  const ran = facts.outcome?.phase === 'healthy';
  const path = `Release/${world.namespace}/${name}: spec.desired`;
  // Told before it is mended: whoever takes over after a kill finds nothing changed, and tells that it is over.
  if (ran && facts.drift?.paths.join('\n') !== path) {
    const noticedAt = world.now().toISOString();
    pass.set({ drift: { paths: [path], noticedAt } });
    pass.note({ phase: 'drifted', paths: [path], commit: null, noticedAt });
    await pass.save();
    return 'again';
  }
  const waitMs = patience(facts.heals, world.now());
  if (waitMs > 0) return { afterMs: waitMs };
  pass.mayWrite();
  const whole = { ...release, spec: withDesired(release.spec, desired) };
  const written = asRelease(await world.cluster.replace(asObject(withoutStatus(whole))));
  pass.set({ drift: undefined, heals: withOneMore(facts.heals, world.now()) });
  if (ran) pass.note({ phase: 'healed', commit: null });
  await pass.save(written);
  return 'again';
}
