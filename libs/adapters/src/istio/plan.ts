import type { DesiredState } from '@waybill/channel';
import type { JsonObject } from '@waybill/kernel';
import { TRACK_LABEL, namespaceOf, objectName, ownMetadata } from '../plan/naming.js';
import type { KubernetesObject } from '../plan/objects.js';
import type { PlanInput, Planner } from '../plan/planner.js';
import { TRACKS, isPreviewed, previewName, trackWeights } from '../plan/tracks.js';

type Port = DesiredState['service']['ports'][number];

/** The newest; the specs are the same in all that are served (istio/api, 1.16 to 1.30). */
const API_VERSION = 'networking.istio.io/v1';

/**
 * Traffic to a service on Istio: a subset for each track, and a route that gives each its share. A service without ports
 * takes no traffic and gets no objects. Parameters of the resource: `namespace` (that of the `kubernetes` resource
 * otherwise) and `gateway` (`namespace/name`), through which the domains are reached from outside the mesh.
 */
export const planIstio: Planner = (input) => {
  const { ports, domains } = input.desired.service;
  if (ports.length === 0) return [];
  return [
    destinationRule(input),
    virtualService(input, metadataOf(input), [serviceHost(input), ...domains], shares(input), domains.length > 0),
    ...previewRoute(input),
  ];
};

const metadataOf = (input: PlanInput): KubernetesObject['metadata'] =>
  ownMetadata(input.desired, input.generation, namespaceFor(input));

/** Both tracks at all times: a route may name a subset only while it is there, and so no step needs to change this. */
function destinationRule(input: PlanInput): KubernetesObject {
  return {
    apiVersion: API_VERSION,
    kind: 'DestinationRule',
    metadata: metadataOf(input),
    spec: { host: serviceHost(input), subsets: TRACKS.map((name) => ({ name, labels: { [TRACK_LABEL]: name } })) },
  };
}

/** Where the traffic of a port goes. */
type Destinations = (port: Port) => JsonObject[];

const shares =
  (input: PlanInput): Destinations =>
  ({ port }) =>
    trackWeights(input.tracks).map(({ track, weight }) => ({
      destination: { host: serviceHost(input), subset: track, port: { number: port } },
      weight,
    }));

/** A host of its own for the version that takes no traffic yet. */
function previewRoute(input: PlanInput): KubernetesObject[] {
  const { desired } = input;
  const { strategy, environment } = desired;
  if (strategy.type !== 'blue-green' || strategy.previewHost === undefined || !isPreviewed(input)) return [];
  const name = previewName(desired);
  const host = strategy.previewHost.replaceAll('{slot}', environment.slot);
  const toPreview: Destinations = ({ port }) => [
    { destination: { host: hostOf(input, name), port: { number: port } }, weight: 100 },
  ];
  return [virtualService(input, { ...metadataOf(input), name }, [host], toPreview, true)];
}

function virtualService(
  input: PlanInput,
  metadata: KubernetesObject['metadata'],
  hosts: readonly string[],
  to: Destinations,
  outside: boolean,
): KubernetesObject {
  const { ports } = input.desired.service;
  const http = ports.filter(({ protocol }) => protocol !== 'tcp');
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp');
  const { gateway } = input.resource.parameters;
  return {
    apiVersion: API_VERSION,
    kind: 'VirtualService',
    metadata,
    spec: {
      hosts: [...hosts],
      // `mesh` must be named as soon as a gateway is: naming any replaces the default.
      ...(gateway !== undefined && outside && { gateways: [String(gateway), 'mesh'] }),
      ...(http.length > 0 && { http: httpRoutes(input, http, to) }),
      ...(tcp.length > 0 && { tcp: tcp.map((port) => ({ match: [{ port: port.port }], route: to(port) })) }),
    },
  };
}

/** The first port takes what no other port claims: requests from a gateway come in on the gateway's own port. */
function httpRoutes(input: PlanInput, [first, ...others]: readonly Port[], to: Destinations): JsonObject[] {
  const { timeoutSeconds, retries } = input.desired.service.trafficPolicy;
  const policy = {
    ...(timeoutSeconds === undefined ? {} : { timeout: `${timeoutSeconds}s` }),
    ...(retries === undefined ? {} : { retries: { attempts: retries } }),
  };
  return [
    ...others.map((port) => ({ match: [{ port: port.port }], route: to(port), ...policy })),
    ...(first ? [{ route: to(first), ...policy }] : []),
  ];
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

const serviceHost = (input: PlanInput): string => hostOf(input, objectName(input.desired.environment));

/** Short where the route stands beside the service; a short name elsewhere would mean another service. */
function hostOf(input: PlanInput, name: string): string {
  const namespace = serviceNamespace(input);
  return namespace === namespaceFor(input) ? name : `${name}.${namespace}.svc.cluster.local`;
}
