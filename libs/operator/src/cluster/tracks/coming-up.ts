import { type LiveObject, TRACK_LABEL, deploymentName, isMeshed, otherTrack } from '@waybill/adapters';
import { rolloutSteps } from '@waybill/domain';
import type { Progress } from '../../release-resource/release.js';
import { environmentOf } from '../../release-resource/release.js';
import type { Next, Pass } from '../pass.js';
import { deploymentOf, replicasOf, scale } from './deployments.js';
import { candidateReplicas } from './replicas.js';

const SLICES = 'discovery.k8s.io/v1';
const LOOK_MS = 200;

/** Gives the candidate the replicas that it needs for the first shift; true when it had others. */
export async function scaleCandidate(pass: Pass, { step }: Progress): Promise<boolean> {
  const { facts, release } = pass;
  const desired = release.spec.desired!;
  const { active } = facts.tracks!;
  const candidate = await deploymentOf(pass, otherTrack(active));
  const next = rolloutSteps(desired.strategy)[step];
  if (!candidate || !next) return false;
  const standing = await deploymentOf(pass, active);
  const counted = { active: standing ? replicasOf(standing) : 0, candidate: replicasOf(candidate) };
  return scale(pass, candidate, candidateReplicas(desired, facts, next.weight, counted));
}

/** Everything of the candidate is healthy, and the mesh can be told to send traffic there. */
export async function candidateIsUp(pass: Pass, progress: Progress): Promise<Next> {
  if (!(await isReached(pass))) return { afterMs: LOOK_MS };
  pass.set({ progress: { ...progress, upAt: pass.world.now().toISOString() }, delay: undefined });
  await pass.save();
  return 'again';
}

/**
 * Pods are ready before the Service knows of them; a mesh that is told to send traffic to a subset in between finds it
 * empty. Asked of the Service's EndpointSlices, from which istiod takes its endpoints.
 */
async function isReached(pass: Pass): Promise<boolean> {
  const { world, release, facts } = pass;
  const desired = release.spec.desired!;
  const { served } = await world.cluster.capabilities();
  if (!isMeshed(desired) || !served.includes(`${SLICES}/EndpointSlice`)) return true;
  const candidate = await deploymentOf(pass, otherTrack(facts.tracks!.active));
  const { namespace } = candidate?.metadata ?? {};
  if (namespace === undefined || replicasOf(candidate!) === 0) return true;
  const environment = environmentOf(release);
  const slices = await world.cluster.list({
    apiVersion: SLICES,
    kind: 'EndpointSlice',
    namespace,
    labelSelector: `kubernetes.io/service-name=${deploymentName(environment, 'blue')}`,
  });
  const pods = podsOf(candidate!);
  return slices.some((slice) => endpointsOf(slice).some(pods));
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
}

const endpointsOf = (slice: LiveObject): readonly Endpoint[] =>
  (slice as unknown as { endpoints?: Endpoint[] | null }).endpoints ?? [];

/** Whether an endpoint is a ready pod of the Deployment, by the name that its ReplicaSet gave it. */
function podsOf({ metadata }: LiveObject): (endpoint: Endpoint) => boolean {
  const isGreen = metadata.labels?.[TRACK_LABEL] === 'green';
  const green = `${metadata.name.replace(/--green$/, '')}--green-`;
  return ({ conditions, targetRef }) => {
    const pod = targetRef?.name;
    return conditions?.ready !== false && pod !== undefined && pod.startsWith(green) === isGreen;
  };
}
