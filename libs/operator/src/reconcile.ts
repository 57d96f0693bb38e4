import {
  type Applied,
  type Capabilities,
  type Deliverer,
  type Plan,
  RejectedError,
  planObjects,
  refuseSteps,
  standsAt,
} from '@waybill/adapters';
import type { DesiredRecord } from '@waybill/channel';
import { refuseContradiction } from './contradiction.js';
import type { Observation } from './reporter.js';

export interface ReconcileContext {
  readonly delivery: Deliverer;
  readonly capabilities: Capabilities;
  readonly stopping: AbortSignal;
  /** Hands over one report; they are waited for at the end, together. */
  readonly report: (observation: Observation) => void;
}

export type Reconciled =
  /** The operator stops: nothing was begun. */
  | { readonly conclusion: null }
  | {
      /** The last report, not handed over yet. */
      readonly conclusion: Extract<Observation, { phase: 'removed' | 'delivered' | 'healthy' }>;
      /** True when there was nothing left to do. */
      readonly alreadyThere: boolean;
    };

/**
 * Brings one environment to what the record says, whatever stands there: level-based, so it may be done again at any
 * time. What was done already is told again, not done again. Throws {@link RejectedError} for what will never work;
 * anything else may pass.
 */
export async function reconcile(record: DesiredRecord, context: ReconcileContext): Promise<Reconciled> {
  const { delivery, capabilities, stopping, report } = context;
  refuseContradiction(record);
  const applied = await delivery.inspect(record.environment);
  const alreadyThere = standsAt(record, applied);
  report({ phase: 'accepted' });

  if (!record.desired) {
    if (stopping.aborted) return { conclusion: null };
    const { commit } = alreadyThere ? applied! : await delivery.remove(record);
    return { conclusion: { phase: 'removed', commit }, alreadyThere };
  }

  if (alreadyThere) return tellAgain(record, applied!, context);

  refuseSteps(record.desired);
  const plan = planObjects(record.desired, record.generation, capabilities);
  report({ phase: 'adapted', objects: [...plan.references], inventoryHash: plan.inventoryHash });
  // The last moment to leave: from here on the commit is finished and reported.
  if (stopping.aborted) return { conclusion: null };
  const { commit, durationMs } = await delivery.apply(record, plan);
  report({ phase: 'applied', inventoryHash: plan.inventoryHash, commit, durationMs });
  return { conclusion: outcomeOf(commit), alreadyThere };
}

/** A predecessor may have been killed between the commit and its reports: the ledger takes what it does not know yet. */
function tellAgain(record: DesiredRecord, applied: Applied, { capabilities, report }: ReconcileContext): Reconciled {
  const plan = planAsApplied(record, applied, capabilities);
  if (plan) report({ phase: 'adapted', objects: [...plan.references], inventoryHash: plan.inventoryHash });
  const { inventoryHash, commit } = applied;
  if (inventoryHash !== null) report({ phase: 'applied', inventoryHash, commit, durationMs: 0 });
  return { conclusion: outcomeOf(commit), alreadyThere: true };
}

/** Undefined when today's adapters would plan something else than what stands there. */
function planAsApplied(record: DesiredRecord, applied: Applied, capabilities: Capabilities): Plan | undefined {
  try {
    const plan = planObjects(record.desired!, record.generation, capabilities);
    return plan.inventoryHash === applied.inventoryHash ? plan : undefined;
  } catch (error) {
    if (error instanceof RejectedError) return undefined;
    throw error;
  }
}

/** Delivery that makes commits only knows that it delivered; any other has seen it run. */
const outcomeOf = (commit: string | null): { phase: 'delivered'; commit: string } | { phase: 'healthy' } =>
  commit === null ? { phase: 'healthy' } : { phase: 'delivered', commit };
