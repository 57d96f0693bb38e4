import { RejectedError } from '@waybill/adapters';
import { faultOf } from '../fault.js';
import type { Next, Pass } from '../pass.js';
import { steady } from './steady.js';

/** The desired state cannot be turned into objects here, however often it is tried. */
export async function unplannable(pass: Pass): Promise<Next | undefined> {
  const plan = await pass.plan();
  if (!(plan instanceof RejectedError)) return undefined;
  // It runs: that today's cluster would not take it again changes nothing about that.
  if (pass.facts.outcome?.phase === 'healthy') return steady(pass);
  const { reason, message } = faultOf(plan);
  pass.end('rejected', reason, message);
  await pass.save();
  return 'again';
}
