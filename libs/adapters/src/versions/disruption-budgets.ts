import type { JsonObject } from '@waybill/kernel';
import { isRecord, recordAt } from '../deliver/cluster/json-fields.js';
import { type VersionRule, guide } from './rule.js';

const KINDS = ['PodDisruptionBudget'];
const SOURCE = `${guide('v1.25')}, kubernetes \`pkg/apis/policy/v1beta1/conversion.go\``;

/** A label that no pod has: how Kubernetes itself says "all" in v1beta1 and "none" in v1 (`pkg/apis/policy/helper.go`). */
const NOBODYS = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';

export const DISRUPTION_BUDGETS: readonly VersionRule[] = [
  {
    kinds: KINDS,
    from: 'policy/v1beta1',
    to: 'policy/v1',
    changes:
      'An empty `spec.selector` (`{}`) selects no pod in v1beta1 and every pod of the namespace in v1: it becomes one ' +
      'that no pod has.',
    source: SOURCE,
    translate: (object) => insteadOfEmpty(object, 'Exists'),
  },
  {
    kinds: KINDS,
    from: 'policy/v1',
    to: 'policy/v1beta1',
    changes:
      'An empty `spec.selector` (`{}`) selects every pod of the namespace in v1 and none in v1beta1: it becomes one ' +
      'that every pod has.',
    source: SOURCE,
    translate: (object) => insteadOfEmpty(object, 'DoesNotExist'),
  },
];

function insteadOfEmpty(object: JsonObject, operator: 'Exists' | 'DoesNotExist'): JsonObject {
  const spec = recordAt(object, 'spec');
  const { selector } = spec;
  // None at all selects nothing in either version.
  if (!isRecord(selector) || Object.keys(selector).length > 0) return object;
  return { ...object, spec: { ...spec, selector: { matchExpressions: [{ key: NOBODYS, operator }] } } };
}
