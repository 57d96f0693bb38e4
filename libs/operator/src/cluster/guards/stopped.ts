import type { Next, Pass } from '../pass.js';
import { steady } from './steady.js';

/** The generation failed or was rejected: nothing more is done for it. What comes next is for the ledger to say. */
export async function stopped(pass: Pass): Promise<Next | undefined> {
  const phase = pass.facts.outcome?.phase;
  return phase === 'failed' || phase === 'rejected' ? steady(pass) : undefined;
}
