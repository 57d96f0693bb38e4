import { differences } from '../differences.js';
import { listAt, textAt } from '../json-fields.js';
import { type HealthRule, current, failed, inProgress } from './verdict.js';

/**
 * Istio reports no readiness: what can be said is that it stands as it was applied, never that proxies route by it. An
 * istiod with analysis switched on (`PILOT_ENABLE_ANALYSIS`) writes what is wrong into the status.
 */
export const istioKind: HealthRule = (object, { applied }) => {
  const wrong = listAt(object, 'status', 'validationMessages').find((message) => textAt(message, 'level') === 'ERROR');
  if (wrong) {
    const code = textAt(wrong, 'type', 'code') ?? '';
    return failed('AnalysisFailed', `${code} ${textAt(wrong, 'type', 'name') ?? ''}`.trim() || 'Istio finds it wrong');
  }
  if (applied) {
    const paths = differences(applied['spec'], object['spec'], 'spec', { extraAllowed: true });
    if (paths.length > 0) return inProgress('NotReadBack', `It does not stand as it was applied: ${paths.join(', ')}`);
  }
  return current('AsApplied', 'It stands as it was applied; Istio reports no more than that');
};
