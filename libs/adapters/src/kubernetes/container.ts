import type { DesiredState } from '@waybill/channel';
import type { JsonObject } from '@waybill/kernel';
import { RejectedError } from '../plan/rejected.js';

type Service = DesiredState['service'];

/** Where the service finds its configuration files. */
export const CONFIG_MOUNT = '/etc/waybill/config';
export const CONFIG_VOLUME = 'waybill-config';

export function container(desired: DesiredState): JsonObject {
  const { service, deliverable, environment } = desired;
  if (deliverable.kind !== 'image') {
    throw new RejectedError(
      'UnsupportedDeliverable',
      `Kubernetes runs images, not a deliverable of kind ${deliverable.kind}`,
      {
        hint: 'Deliver an image, or deploy to a resource of kind vm.',
      },
    );
  }
  const quantities = {
    ...(service.cpu === null ? {} : { cpu: service.cpu }),
    ...(service.memory === null ? {} : { memory: service.memory }),
  };
  return {
    name: environment.project,
    image: `${deliverable.image}@${deliverable.digest}`,
    ...(service.ports.length > 0 && {
      ports: service.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
    }),
    ...(Object.keys(service.environmentVariables).length > 0 && { env: environmentVariables(service) }),
    ...(Object.keys(quantities).length > 0 && { resources: { requests: quantities, limits: quantities } }),
    ...probe(service, 'readiness'),
    ...probe(service, 'liveness'),
    ...(Object.keys(desired.config.files).length > 0 && {
      volumeMounts: [{ name: CONFIG_VOLUME, mountPath: CONFIG_MOUNT, readOnly: true }],
    }),
  };
}

/** Sorted by name: the order of a JSON object is no statement. */
function environmentVariables({ environmentVariables: variables }: Service): JsonObject[] {
  return Object.keys(variables)
    .sort()
    .map((name) => {
      const value = variables[name]!;
      if (typeof value === 'string') return { name, value };
      const slash = value.from.indexOf('/');
      const secretKeyRef = { name: value.from.slice(0, slash), key: value.from.slice(slash + 1) };
      return { name, valueFrom: { secretKeyRef } };
    });
}

/** Asks the port in its own protocol. A grpc probe takes a number, not a name (Probe, core/v1). */
function probe(service: Service, kind: 'readiness' | 'liveness'): JsonObject {
  const check = service.healthChecks[kind];
  const port = service.ports.find(({ name }) => name === check?.port);
  if (!check || !port) return {};
  const action = {
    http: { httpGet: { path: check.path, port: port.name } },
    tcp: { tcpSocket: { port: port.name } },
    grpc: { grpc: { port: port.port } },
  }[port.protocol];
  return { [`${kind}Probe`]: action };
}
