import { isAfter } from '../outbox.js';
import type { Next, Pass } from '../pass.js';

/** Nothing is left to do. Once the ledger has heard everything, the Release says so: one write, and then none. */
export async function steady(pass: Pass): Promise<Next> {
  const { facts, release, name, world } = pass;
  if (facts.delay && facts.outcome?.phase === 'healthy') {
    // What kept us from looking has passed.
    pass.set({ delay: undefined });
    pass.note({ phase: 'healthy' });
    await pass.save();
    return 'wait';
  }
  const newest = release.status?.actions.at(-1);
  const isHeard = newest !== undefined && !isAfter(newest, world.outbox.sent(name));
  const saysRefused = release.status?.conditions.some(({ type }) => type === 'Refused') ?? false;
  if (isHeard || saysRefused || world.refused.has(name)) await pass.save();
  return 'wait';
}
