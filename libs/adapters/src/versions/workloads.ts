import type { JsonObject, JsonValue } from '@waybill/kernel';
import { isRecord, recordAt, textAt } from '../deliver/cluster/json-fields.js';
import { type VersionRule, guide } from './rule.js';

const TO = 'apps/v1';
const GUIDE = guide('v1.16');
const SELECTOR = '`spec.selector` is required: where it is missing it is that of the labels of the pods.';
const defaultsOf = (group: string): string => `${GUIDE}, kubernetes \`pkg/apis/${group}/defaults.go\` (1.15)`;

/** What Kubernetes takes for "no deadline" and "all of them" (MaxInt32, `pkg/apis/extensions/v1beta1/defaults.go`). */
const WITHOUT_END = 2147483647;

export const WORKLOADS: readonly VersionRule[] = [
  {
    kinds: ['Deployment'],
    from: 'extensions/v1beta1',
    to: TO,
    changes:
      `${SELECTOR} \`spec.rollbackTo\` goes. Written out: \`progressDeadlineSeconds\` without end, ` +
      '`revisionHistoryLimit` all, `maxSurge` and `maxUnavailable` 1.',
    source: defaultsOf('extensions/v1beta1'),
    translate: deployment({ deadline: WITHOUT_END, history: WITHOUT_END, surge: 1 }),
  },
  {
    kinds: ['Deployment'],
    from: 'apps/v1beta1',
    to: TO,
    changes: `${SELECTOR} \`spec.rollbackTo\` goes. Written out: \`revisionHistoryLimit\` 2.`,
    source: defaultsOf('apps/v1beta1'),
    translate: deployment({ history: 2 }),
  },
  {
    kinds: ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet'],
    from: 'apps/v1beta2',
    to: TO,
    changes: SELECTOR,
    source: GUIDE,
    translate: withSelector,
  },
  {
    kinds: ['StatefulSet'],
    from: 'apps/v1beta1',
    to: TO,
    changes: `${SELECTOR} Written out: \`updateStrategy.type\` OnDelete.`,
    source: defaultsOf('apps/v1beta1'),
    translate: (object) => onDelete(withSelector(object)),
  },
  {
    kinds: ['DaemonSet'],
    from: 'extensions/v1beta1',
    to: TO,
    changes: `${SELECTOR} \`spec.templateGeneration\` goes. Written out: \`updateStrategy.type\` OnDelete.`,
    source: defaultsOf('extensions/v1beta1'),
    translate: (object) => onDelete(withSelector(without(object, 'templateGeneration'))),
  },
  {
    kinds: ['ReplicaSet'],
    from: 'extensions/v1beta1',
    to: TO,
    changes: SELECTOR,
    source: GUIDE,
    translate: withSelector,
  },
];

interface OldDefaults {
  readonly deadline?: number;
  readonly history: number;
  /** Of `maxSurge` and `maxUnavailable`. */
  readonly surge?: number;
}

function deployment({ deadline, history, surge }: OldDefaults): (object: JsonObject) => JsonObject {
  return (old) => {
    const object = withSelector(without(old, 'rollbackTo'));
    const spec = recordAt(object, 'spec');
    const strategy = recordAt(spec, 'strategy');
    const rolling = (textAt(strategy, 'type') ?? 'RollingUpdate') === 'RollingUpdate';
    return {
      ...object,
      spec: {
        ...spec,
        revisionHistoryLimit: spec['revisionHistoryLimit'] ?? history,
        ...(deadline !== undefined && { progressDeadlineSeconds: spec['progressDeadlineSeconds'] ?? deadline }),
        ...(surge !== undefined &&
          rolling && {
            strategy: {
              ...strategy,
              type: 'RollingUpdate',
              rollingUpdate: { maxSurge: surge, maxUnavailable: surge, ...recordAt(strategy, 'rollingUpdate') },
            },
          }),
      },
    };
  };
}

function withSelector(object: JsonObject): JsonObject {
  const spec = recordAt(object, 'spec');
  if (isRecord(spec['selector'])) return object;
  const matchLabels: JsonValue = recordAt(spec, 'template', 'metadata', 'labels');
  return { ...object, spec: { ...spec, selector: { matchLabels } } };
}

function without(object: JsonObject, field: string): JsonObject {
  const { [field]: _, ...spec } = recordAt(object, 'spec');
  return { ...object, spec };
}

function onDelete(object: JsonObject): JsonObject {
  const spec = recordAt(object, 'spec');
  const updateStrategy = recordAt(spec, 'updateStrategy');
  if (updateStrategy['type'] !== undefined) return object;
  return { ...object, spec: { ...spec, updateStrategy: { ...updateStrategy, type: 'OnDelete' } } };
}
