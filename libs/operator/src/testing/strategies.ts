import type { Channel, DesiredRecord, DesiredState } from '@waybill/channel';
import { type Directive, type EnvironmentId, type Strategy, environmentName } from '@waybill/domain';
import type { LiveObject } from '@waybill/adapters';

/** The kinds of a mesh that a cluster in memory is to serve. */
export const MESH_KINDS = ['networking.istio.io/v1/VirtualService', 'networking.istio.io/v1/DestinationRule'];

/** The desired state with this strategy; `image` says which version it is, one letter of hex. */
export const withStrategy =
  (strategy: Strategy, image: string) =>
  (desired: DesiredState): DesiredState => ({
    ...desired,
    strategy,
    deliverable: { kind: 'image', image: 'registry.example/app', digest: `sha256:${image.repeat(64)}` },
    service: { ...desired.service, replicas: 4 },
  });

/** The same on a mesh. */
export const meshed = (desired: DesiredState): DesiredState => ({
  ...desired,
  resources: [
    ...desired.resources,
    { resource: `istio-${desired.environment.location}`, kind: 'istio', parameters: {}, connection: null },
  ],
});

/** A canary of so many steps; the last one is to 100. */
export const canary = (
  steps: readonly (readonly [weight: number, pauseSeconds: number | null])[],
  more: Partial<Extract<Strategy, { type: 'canary' }>> = {},
): Strategy => ({
  type: 'canary',
  steps: steps.map(([weight, pauseSeconds]) => ({ weight, pauseSeconds })),
  ...more,
});

/** Somebody directs the rollout of the record. */
export async function direct(
  channel: Channel,
  record: DesiredRecord,
  seq: number,
  kind: Directive['kind'],
  full = false,
  step?: number,
): Promise<void> {
  await channel.publish({ ...record, directive: { seq, kind, full, ...(step !== undefined && { step }) } });
}

/** Shares of the subsets by a VirtualService, such as `blue 90, green 10`. */
export function sharesOf(route: LiveObject | null | undefined): string {
  const { http = [] } = (route?.['spec'] ?? {}) as {
    http?: { route: { destination: { subset: string }; weight: number }[] }[];
  };
  return (http.at(-1)?.route ?? []).map(({ destination, weight }) => `${destination.subset} ${weight}`).join(', ');
}

/** Image of the Deployment by the letter of its digest, and its replicas: `a x4`. */
export function versionOf(deployment: LiveObject | null | undefined): string | undefined {
  if (!deployment) return undefined;
  const { replicas = 1, template } = deployment['spec'] as {
    replicas?: number;
    template: { spec: { containers: { image: string }[] } };
  };
  return `${template.spec.containers[0]!.image.at(-1)} x${replicas}`;
}

export const nameOf = (environment: EnvironmentId): string => environmentName(environment);
