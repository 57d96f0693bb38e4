import { WaybillError, canonicalText } from '@waybill/kernel';
import type { Deliverable } from '../vocabulary.js';
import type { ReleaseCommand } from './commands.js';
import type { ReleaseEvent } from './events.js';
import { isOpen, type ReleaseState } from './state.js';

export const sameDeliverable = (a: Deliverable, b: Deliverable): boolean => canonicalText(a) === canonicalText(b);

/**
 * The deliverable may come late, and may change until the release is planned: approvals of another one then count for
 * nothing. One taken over from an earlier release stays.
 */
export function provideDeliverable(
  { data }: Extract<ReleaseCommand, { type: 'ProvideDeliverable' }>,
  state: ReleaseState,
): ReleaseEvent[] {
  const { release, deliverable } = data;
  const known = state.deliverable;
  if (known && sameDeliverable(known, deliverable)) return [];
  if (!isOpen(state)) {
    throw new WaybillError('INVALID_STATE', `release ${release} is ${state.phase}: its deliverable is settled`, {
      hint: 'Request a new release for another deliverable.',
    });
  }
  if (known && state.requested.reuses !== null) {
    throw new WaybillError(
      'INVALID_STATE',
      `release ${release} uses the deliverable of release ${state.requested.reuses} again`,
      { hint: 'Request a new release for another deliverable.' },
    );
  }
  if (known && known.kind !== deliverable.kind) {
    throw new WaybillError('INVALID_INPUT', `the deliverable of release ${release} is an ${known.kind}`, {
      hint: `Provide an ${known.kind}, or request a new release.`,
      fields: [{ field: 'deliverable.kind', message: `was ${known.kind}, is ${deliverable.kind}` }],
    });
  }
  return [{ type: 'DeliverableProvided', data: { release, deliverable } }];
}
