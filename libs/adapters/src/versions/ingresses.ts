import type { JsonObject, JsonValue } from '@waybill/kernel';
import { isRecord, listAt, recordAt } from '../deliver/cluster/json-fields.js';
import { type VersionRule, guide } from './rule.js';

export const INGRESSES: readonly VersionRule[] = ['networking.k8s.io/v1beta1', 'extensions/v1beta1'].map((from) => ({
  kinds: ['Ingress'],
  from,
  to: 'networking.k8s.io/v1',
  changes:
    '`spec.backend` becomes `spec.defaultBackend`; `serviceName` and `servicePort` of a backend become `service.name` ' +
    'and `service.port.number`, or `.name` for a text; a path without `pathType` gets `ImplementationSpecific`, which ' +
    'is what it meant.',
  source: guide('v1.22'),
  translate: toVersion1,
}));

function toVersion1(object: JsonObject): JsonObject {
  const { backend, rules, ...same } = recordAt(object, 'spec');
  return {
    ...object,
    spec: {
      ...same,
      ...(backend === undefined ? {} : { defaultBackend: newBackend(backend) }),
      ...(rules === undefined ? {} : { rules: listAt({ rules }, 'rules').map(newRule) }),
    },
  };
}

function newRule(rule: JsonValue): JsonValue {
  if (!isRecord(rule) || !isRecord(rule['http'])) return rule;
  const paths = listAt(rule, 'http', 'paths').map((path) => {
    if (!isRecord(path)) return path;
    const { backend, pathType = 'ImplementationSpecific', ...same } = path;
    return { ...same, pathType, ...(backend === undefined ? {} : { backend: newBackend(backend) }) };
  });
  return { ...rule, http: { ...rule['http'], paths } };
}

function newBackend(backend: JsonValue): JsonValue {
  if (!isRecord(backend)) return backend;
  const { serviceName, servicePort, ...same } = backend;
  if (serviceName === undefined && servicePort === undefined) return same;
  const port = typeof servicePort === 'number' ? { number: servicePort } : { name: servicePort ?? null };
  return {
    ...same,
    service: {
      ...(serviceName === undefined ? {} : { name: serviceName }),
      ...(servicePort !== undefined && { port }),
    },
  };
}
