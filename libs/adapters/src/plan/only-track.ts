import type { Track } from '@waybill/domain';
import type { JsonObject, JsonValue } from '@waybill/kernel';
import { TRACK_LABEL } from './naming.js';
import type { KubernetesObject } from './objects.js';

/**
 * What is to be applied so that a VirtualService or a Service that stands sends all its traffic to one track, with
 * everything else of it as it is. Needs no desired state: what stands may be of a generation that nobody knows any more.
 */
export function onlyTrack(live: KubernetesObject, track: Track): KubernetesObject {
  const { apiVersion, kind, metadata } = live;
  const { name, namespace, labels, annotations } = metadata;
  const spec = recordOf(live['spec']);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    spec: kind === 'VirtualService' ? routed(spec, track) : selecting(spec, track),
  };
}

function routed(spec: JsonObject, track: Track): JsonObject {
  const routes = (value: JsonValue | undefined): JsonObject[] =>
    listOf(value).map((rule) => ({ ...rule, route: toTrack(listOf(rule['route']), track) }));
  return {
    ...spec,
    ...(spec['http'] !== undefined && { http: routes(spec['http']) }),
    ...(spec['tcp'] !== undefined && { tcp: routes(spec['tcp']) }),
  };
}

function toTrack(route: readonly JsonObject[], track: Track): JsonObject[] {
  const [first] = route;
  if (!first) return [];
  return [{ ...first, destination: { ...recordOf(first['destination']), subset: track }, weight: 100 }];
}

/** Only the fields that Waybill plans: whoever applies an address that the server gave can never give it up again. */
function selecting(spec: JsonObject, track: Track): JsonObject {
  const planned = ['name', 'port', 'targetPort', 'protocol', 'appProtocol'];
  return {
    selector: { ...recordOf(spec['selector']), [TRACK_LABEL]: track },
    ports: listOf(spec['ports']).map((port) =>
      Object.fromEntries(Object.entries(port).filter(([field]) => planned.includes(field))),
    ),
  };
}

const recordOf = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

const listOf = (value: JsonValue | undefined): JsonObject[] => (Array.isArray(value) ? value.map(recordOf) : []);
