import type { JsonObject, JsonValue } from '@waybill/kernel';
import { type Json, listAt, recordAt, textAt } from '../deliver/cluster/json-fields.js';
import { type SameContent, type VersionRule, guide, untranslatable } from './rule.js';

const KINDS = ['HorizontalPodAutoscaler'];
const CONVERSION = 'kubernetes `pkg/apis/autoscaling/v2beta1/conversion.go`';

export const AUTOSCALERS_ALIKE: readonly SameContent[] = [
  {
    kinds: KINDS,
    versions: ['autoscaling/v2', 'autoscaling/v2beta2'],
    source: guide('v1.26'),
  },
];

export const AUTOSCALERS: readonly VersionRule[] = [
  {
    kinds: KINDS,
    from: 'autoscaling/v2beta1',
    to: 'autoscaling/v2',
    changes:
      'Each metric names its `metric` and its `target` (`type` with `averageUtilization`, `averageValue` or `value`) ' +
      'instead of `metricName`, `targetAverageUtilization`, `targetAverageValue` and `targetValue`; the `target` of an ' +
      '`object` metric becomes `describedObject`.',
    source: `${guide('v1.25')}, ${CONVERSION}`,
    translate: (object) => withMetrics(object, newerMetric),
  },
  {
    kinds: KINDS,
    from: 'autoscaling/v2',
    to: 'autoscaling/v2beta1',
    changes: 'The same, the other way round. What has a `behavior` cannot be written.',
    source: CONVERSION,
    translate(object) {
      if (recordAt(object, 'spec')['behavior'] !== undefined) {
        throw untranslatable('spec.behavior does not exist in autoscaling/v2beta1');
      }
      return withMetrics(object, olderMetric);
    },
  },
];

function withMetrics(object: JsonObject, change: (metric: JsonObject, where: string) => JsonObject): JsonObject {
  const spec = recordAt(object, 'spec');
  if (spec['metrics'] === undefined) return object;
  const metrics = listAt(spec, 'metrics').map((metric, i) => change(recordAt(metric), `spec.metrics[${i}]`));
  return { ...object, spec: { ...spec, metrics } };
}

/** `Pods` as the field `pods` that holds it. */
const SOURCES: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};

function sourceOf(metric: JsonObject, where: string): { name: string; source: JsonObject } {
  const type = textAt(metric, 'type') ?? '';
  const name = SOURCES[type];
  if (name === undefined) throw untranslatable(`${where}.type is ${type === '' ? 'missing' : `${type}, no known one`}`);
  return { name, source: recordAt(metric, name) };
}

function newerMetric(metric: JsonObject, where: string): JsonObject {
  const { name, source } = sourceOf(metric, where);
  const {
    targetAverageUtilization: averageUtilization,
    targetAverageValue,
    averageValue = targetAverageValue,
    targetValue,
    metricName,
    metricSelector,
    selector = metricSelector,
    target: describedObject,
    ...same
  } = source;
  const target =
    averageUtilization !== undefined
      ? { type: 'Utilization', averageUtilization }
      : averageValue !== undefined
        ? { type: 'AverageValue', averageValue }
        : { type: 'Value', value: targetValue ?? null };
  return {
    type: metric['type'] ?? null,
    [name]: {
      ...same,
      ...(describedObject === undefined ? {} : { describedObject }),
      ...(metricName === undefined
        ? {}
        : { metric: { name: metricName, ...(selector !== undefined && { selector }) } }),
      target,
    },
  };
}

function olderMetric(metric: JsonObject, where: string): JsonObject {
  const { name, source } = sourceOf(metric, where);
  const { target, metric: named, describedObject, ...same } = source;
  const { averageUtilization, averageValue, value } = recordAt(target);
  const wanted = textAt(target, 'type') ?? '';
  const object = name === 'object';
  const fields: Record<string, Json> = {
    Utilization: { targetAverageUtilization: averageUtilization ?? null },
    // An object's metric has to name a value as well (required in v2beta1), and the average wins.
    AverageValue: object
      ? { targetValue: averageValue ?? null, averageValue: averageValue ?? null }
      : { targetAverageValue: averageValue ?? null },
    Value: { targetValue: value ?? null },
  };
  const allowed = { resource: AVERAGES, containerResource: AVERAGES, pods: ['AverageValue'] }[name] ?? VALUES;
  if (!allowed.includes(wanted)) throw untranslatable(`${where} has a target of type ${wanted || 'none'}`);
  const selector = recordAt(named)['selector'];
  const selectorField = name === 'external' ? 'metricSelector' : 'selector';
  return {
    type: metric['type'] ?? null,
    [name]: {
      ...same,
      ...(describedObject === undefined ? {} : { target: describedObject }),
      ...(named === undefined ? {} : { metricName: recordAt(named)['name'] ?? null }),
      ...(selector === undefined ? {} : { [selectorField]: selector as JsonValue }),
      ...recordAt(fields[wanted]),
    },
  };
}

const AVERAGES: readonly string[] = ['Utilization', 'AverageValue'];
const VALUES: readonly string[] = ['Value', 'AverageValue'];
