import { RejectedError } from '@waybill/adapters';
import { isOfTheCluster } from '../fault.js';
import type { Next, Pass } from '../pass.js';
import { steady } from './steady.js';

/**
 * The generation failed or was rejected: nothing more is done for it. What comes next is for the ledger to say; only
 * what was held because of the versions the cluster serves goes on by itself when it serves others.
 */
export async function stopped(pass: Pass): Promise<Next | undefined> {
  const { outcome } = pass.facts;
  if (outcome?.phase !== 'failed' && outcome?.phase !== 'rejected') return undefined;
  const held = outcome.phase === 'rejected' && isOfTheCluster(outcome.reason ?? '');
  if (!held || (await pass.plan()) instanceof RejectedError) return steady(pass);
  pass.set({ outcome: undefined });
  return undefined;
}
