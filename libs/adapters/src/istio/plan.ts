import type { DesiredState } from '@waybill/channel';
import type { JsonObject } from '@waybill/kernel';
import { STABLE, TRACK_LABEL, namespaceOf, objectName, ownMetadata } from '../plan/naming.js';
import { type KubernetesObject, servedVersion } from '../plan/objects.js';
import type { PlanInput, Planner } from '../plan/planner.js';

type Port = DesiredState['service']['ports'][number];

/** The specs are the same in all of them (istio/api, 1.16 to 1.30). */
const VERSIONS = ['networking.istio.io/v1', 'networking.istio.io/v1beta1', 'networking.istio.io/v1alpha3'];

/**
 * Traffic to a service on Istio: all of it to the subset `stable`. A service without ports takes no traffic and gets
 * no objects. Parameters of the resource: `namespace` (that of the `kubernetes` resource otherwise) and `gateway`
 * (`namespace/name`), through which the domains are reached from outside the mesh.
 */
export const planIstio: Planner = (input) => {
  if (input.desired.service.ports.length === 0) return [];
  return [destinationRule(input), virtualService(input)];
};

function destinationRule(input: PlanInput): KubernetesObject {
  return {
    apiVersion: servedVersion(input.capabilities, 'DestinationRule', VERSIONS),
    kind: 'DestinationRule',
    metadata: ownMetadata(input.desired, input.generation, namespaceFor(input)),
    spec: { host: serviceHost(input), subsets: [{ name: STABLE, labels: { [TRACK_LABEL]: STABLE } }] },
  };
}

function virtualService(input: PlanInput): KubernetesObject {
  const { desired, resource } = input;
  const { ports, domains } = desired.service;
  const http = ports.filter(({ protocol }) => protocol !== 'tcp');
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp');
  const { gateway } = resource.parameters;
  return {
    apiVersion: servedVersion(input.capabilities, 'VirtualService', VERSIONS),
    kind: 'VirtualService',
    metadata: ownMetadata(desired, input.generation, namespaceFor(input)),
    spec: {
      hosts: [serviceHost(input), ...domains],
      // `mesh` must be named as soon as a gateway is: naming any replaces the default.
      ...(gateway !== undefined && domains.length > 0 && { gateways: [String(gateway), 'mesh'] }),
      ...(http.length > 0 && { http: httpRoutes(input, http) }),
      ...(tcp.length > 0 && { tcp: tcp.map((port) => ({ match: [{ port: port.port }], route: route(input, port) })) }),
    },
  };
}

/** The first port takes what no other port claims: requests from a gateway come in on the gateway's own port. */
function httpRoutes(input: PlanInput, [first, ...others]: readonly Port[]): JsonObject[] {
  const { timeoutSeconds, retries } = input.desired.service.trafficPolicy;
  const policy = {
    ...(timeoutSeconds === undefined ? {} : { timeout: `${timeoutSeconds}s` }),
    ...(retries === undefined ? {} : { retries: { attempts: retries } }),
  };
  return [
    ...others.map((port) => ({ match: [{ port: port.port }], route: route(input, port), ...policy })),
    ...(first ? [{ route: route(input, first), ...policy }] : []),
  ];
}

function route(input: PlanInput, { port }: Port): JsonObject[] {
  return [{ destination: { host: serviceHost(input), subset: STABLE, port: { number: port } }, weight: 100 }];
}

function serviceNamespace({ desired, resource }: PlanInput): string {
  const kubernetes = desired.resources.find(({ kind }) => kind === 'kubernetes');
  return namespaceOf((kubernetes ?? resource).parameters);
}

function namespaceFor(input: PlanInput): string {
  return input.resource.parameters['namespace'] === undefined
    ? serviceNamespace(input)
    : namespaceOf(input.resource.parameters);
}

/** Short where the route stands beside the service; a short name elsewhere would mean another service. */
function serviceHost(input: PlanInput): string {
  const name = objectName(input.desired.environment);
  const namespace = serviceNamespace(input);
  return namespace === namespaceFor(input) ? name : `${name}.${namespace}.svc.cluster.local`;
}
