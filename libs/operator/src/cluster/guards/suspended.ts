import type { Next, Pass } from '../pass.js';
import { steady } from './steady.js';

/** People said stop: nothing in the cluster is touched, whatever is desired meanwhile. */
export async function suspended(pass: Pass): Promise<Next | undefined> {
  if (pass.release.spec.suspend) {
    if (pass.facts.suspended) return steady(pass);
    pass.set({ suspended: true });
    await pass.save();
    return 'again';
  }
  if (pass.facts.suspended) pass.set({ suspended: undefined });
  return undefined;
}
