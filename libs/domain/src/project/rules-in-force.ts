import type { RecordedEvent } from '@waybill/kernel';
import { catalogue } from '../catalogue.js';
import type { BranchRule } from '../rules/rule.js';
import type { ProjectEvent } from './events.js';

/** The branch rules that hold now and the stream revision at which they were defined; null when none ever were. */
export function rulesInForce(
  events: readonly RecordedEvent[],
): { readonly rules: readonly BranchRule[]; readonly revision: number } | null {
  const newest = events.findLast(({ type }) => type === 'BranchRulesDefined');
  if (!newest) return null;
  const event = catalogue.upcast<Extract<ProjectEvent, { type: 'BranchRulesDefined' }>>(newest);
  return { rules: event.data.rules, revision: newest.revision };
}
