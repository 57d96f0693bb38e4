import { RejectedError } from '@waybill/adapters';
import { faultOf, isOfTheCluster } from '../fault.js';
import type { Next, Pass } from '../pass.js';
import { steady } from './steady.js';

/** The desired state cannot be turned into objects here, however often it is tried. */
export async function unplannable(pass: Pass): Promise<Next | undefined> {
  const plan = await pass.plan();
  if (!(plan instanceof RejectedError)) return undefined;
  if (pass.facts.outcome?.phase === 'healthy') {
    // It runs, and cannot be kept as it should be while the cluster serves nothing that it could be written in.
    if (isOfTheCluster(plan.reason)) throw plan;
    return steady(pass);
  }
  // A candidate takes traffic, and neither its steps nor the way back can be written now: what stands stays.
  if (pass.facts.progress) throw plan;
  const { reason, message } = faultOf(plan);
  pass.end('rejected', reason, message);
  await pass.save();
  return 'again';
}
