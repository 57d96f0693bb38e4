import { canonicalText } from '@waybill/kernel';
import type { OpenRelease, ReleaseApproval, ReleaseState } from './state.js';

/** What an approval binds, as it is now; null while deliverable or configuration are unknown. */
export function approvalBinding(
  state: Pick<ReleaseState, 'deliverable' | 'config' | 'rulesRevision'>,
): Omit<ReleaseApproval, 'approver'> | null {
  const { deliverable, config, rulesRevision } = state;
  return deliverable && config && rulesRevision !== null
    ? { deliverable, configDigest: config.digest, rulesRevision }
    : null;
}

/** Whether exactly what was approved is still what would be deployed. */
export function approvalIsCurrent(
  state: Pick<ReleaseState, 'deliverable' | 'config' | 'rulesRevision'>,
  { deliverable, configDigest, rulesRevision }: Omit<ReleaseApproval, 'approver'>,
): boolean {
  const binding = approvalBinding(state);
  return binding !== null && canonicalText(binding) === canonicalText({ deliverable, configDigest, rulesRevision });
}

/** Distinct approvers whose approval is current. */
export function currentApprovers(
  state: Pick<ReleaseState, 'deliverable' | 'config' | 'rulesRevision' | 'approvals'>,
): string[] {
  return [...new Set(state.approvals.filter((a) => approvalIsCurrent(state, a)).map((a) => a.approver))];
}

/**
 * A rollback goes back to content that was planned, so approved, before; the request makes sure of it and of that the
 * content stays the same. It must not wait for people or for a window.
 */
export const isRollback = (state: OpenRelease): boolean => state.requested.trigger === 'rollback';

/** Approvals the release needs, 0 for none. */
export const approvalsNeeded = (state: OpenRelease): number => (isRollback(state) ? 0 : state.rule.approvals);
