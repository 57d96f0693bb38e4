import { describe, expect, it } from '@jest/globals';
import { presentRecord } from '@waybill/channel/testing';
import { STABLE_CAPABILITIES } from './capabilities.js';
import type { KubernetesObject } from './objects.js';
import { onlyTrack } from './only-track.js';
import { planObjects } from './plan-objects.js';
import type { Tracks } from './tracks.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const { desired } = presentRecord(environment, 1, (state) => ({
  ...state,
  service: {
    ...state.service,
    ports: [
      { name: 'http', port: 8080, protocol: 'http' },
      { name: 'rpc', port: 9090, protocol: 'grpc' },
      { name: 'redis', port: 6379, protocol: 'tcp' },
    ],
    trafficPolicy: { timeoutSeconds: 3 },
  },
  resources: ['kubernetes', 'istio'].map((kind) => ({
    resource: `${kind}-here`,
    kind: kind as 'istio',
    parameters: {},
    connection: null,
  })),
}));

const planned = (kind: string, tracks: Tracks): KubernetesObject =>
  planObjects(desired!, 1, STABLE_CAPABILITIES, tracks).objects.find((object) => object.kind === kind)!;

describe('all traffic to one track', () => {
  it.each([10, 50, 100])('makes of a route at %i what is planned for none', (weight) => {
    const live = planned('VirtualService', { active: 'blue', candidate: { weight } });
    expect(onlyTrack(live, 'blue')).toEqual(planned('VirtualService', { active: 'blue' }));
    expect(onlyTrack(live, 'green')).toEqual(planned('VirtualService', { active: 'green' }));
  });

  it('narrows a Service that stands, and applies no field that the server gave it', () => {
    const service = planned('Service', { active: 'green', candidate: { weight: 50 } });
    const { ports } = service['spec'] as { ports: object[] };
    const spec = {
      ...(service['spec'] as object),
      clusterIP: '10.0.0.1',
      ports: ports.map((port) => ({ ...port, nodePort: 1 })),
    };
    const live = { ...service, spec, metadata: { ...service.metadata, uid: 'u', resourceVersion: '1' } };
    expect(onlyTrack(live as unknown as KubernetesObject, 'green')).toEqual(planned('Service', { active: 'green' }));
  });
});
