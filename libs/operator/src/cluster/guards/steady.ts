import { isAfter } from '../outbox.js';
import type { Next, Pass } from '../pass.js';

/** Nothing is left to do. Once the ledger has heard everything, the Release says so: one write, and then none. */
export async function steady(pass: Pass): Promise<Next> {
  const { release, name, world } = pass;
  const { actions = [] } = release.status ?? {};
  const waiting = actions.at(-1);
  if (!waiting) return 'wait';
  if (isAfter(waiting, world.outbox.sent(name))) return 'wait';
  await pass.save();
  return 'wait';
}
