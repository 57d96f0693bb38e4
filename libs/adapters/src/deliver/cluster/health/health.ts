import type { Health, LiveObject } from '../cluster.js';
import { numberAt } from '../json-fields.js';
import {
  apiService,
  autoscaler,
  customResourceDefinition,
  namespace,
  plain,
  readyKind,
  service,
  unknownKind,
  volumeClaim,
} from './basics.js';
import { conditionOf, wordsOf } from './conditions.js';
import { gateway, gatewayClass, route } from './gateway-api.js';
import { istioKind } from './istio.js';
import { knativeKind, knativeService } from './knative.js';
import { job, pod } from './pods-and-jobs.js';
import { type HealthExtra, type HealthRule, failed, inProgress } from './verdict.js';
import { daemonSet, deployment, replicaSet, statefulSet } from './workloads.js';

/** By `group/Kind`, whatever the version; a group alone stands for all its other kinds. */
const RULES: Readonly<Record<string, HealthRule>> = {
  '/ConfigMap': plain,
  '/Namespace': namespace,
  '/PersistentVolumeClaim': volumeClaim,
  '/Pod': pod,
  '/Secret': plain,
  '/Service': service,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinition,
  'apiregistration.k8s.io/APIService': apiService,
  'apps/DaemonSet': daemonSet,
  'apps/Deployment': deployment,
  'apps/ReplicaSet': replicaSet,
  'apps/StatefulSet': statefulSet,
  'autoscaling/HorizontalPodAutoscaler': autoscaler,
  'batch/CronJob': plain,
  'batch/Job': job,
  'cert-manager.io/Certificate': readyKind,
  'cert-manager.io/ClusterIssuer': readyKind,
  'cert-manager.io/Issuer': readyKind,
  'external-secrets.io/ExternalSecret': readyKind,
  'gateway.networking.k8s.io/GRPCRoute': route,
  'gateway.networking.k8s.io/Gateway': gateway,
  'gateway.networking.k8s.io/GatewayClass': gatewayClass,
  'gateway.networking.k8s.io/HTTPRoute': route,
  'gateway.networking.k8s.io/TCPRoute': route,
  'gateway.networking.k8s.io/TLSRoute': route,
  'gateway.networking.k8s.io/UDPRoute': route,
  'helm.toolkit.fluxcd.io': readyKind,
  'keda.sh/ScaledObject': readyKind,
  'kustomize.toolkit.fluxcd.io': readyKind,
  'networking.istio.io': istioKind,
  'policy/PodDisruptionBudget': plain,
  'security.istio.io': istioKind,
  'serving.knative.dev/Configuration': knativeKind,
  'serving.knative.dev/Revision': knativeKind,
  'serving.knative.dev/Route': knativeKind,
  'serving.knative.dev/Service': knativeService,
  'telemetry.istio.io': istioKind,
};

/**
 * How an object does, from the object alone: kstatus (kubernetes-sigs/cli-utils, pkg/kstatus/status), but stricter where
 * that is known to be too kind. Kinds that wait for ever, such as a StatefulSet that never becomes ready, never fail
 * here: whoever waits has a deadline.
 */
export function healthOf(object: LiveObject, extra: HealthExtra = {}): Health {
  const { deletionTimestamp, generation } = object.metadata;
  if (deletionTimestamp) {
    const held = object.metadata.finalizers ?? [];
    const why = held.length > 0 ? `, held by ${held.join(', ')}` : '';
    return {
      status: 'terminating',
      reason: 'Terminating',
      message: `It is being deleted since ${deletionTimestamp}${why}`,
    };
  }
  const observed = numberAt(object, 'status', 'observedGeneration');
  if (observed !== undefined && generation !== undefined && observed !== generation) {
    return inProgress('LatestGenerationNotObserved', `The controller has seen generation ${observed} of ${generation}`);
  }
  const reconciling = conditionOf(object['status'], 'Reconciling');
  if (reconciling?.status === 'True') return inProgress(reconciling.reason || 'Reconciling', wordsOf(reconciling));
  const stalled = conditionOf(object['status'], 'Stalled');
  if (stalled?.status === 'True') return failed(stalled.reason || 'Stalled', wordsOf(stalled));
  return ruleOf(object)(object, extra);
}

function ruleOf({ apiVersion, kind }: LiveObject): HealthRule {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return RULES[`${group}/${kind}`] ?? RULES[group] ?? unknownKind;
}
