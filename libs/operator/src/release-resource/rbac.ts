import type { KubernetesObject } from '@waybill/adapters';
import type { JsonObject } from '@waybill/kernel';
import { RELEASE_GROUP } from './release.js';

const NAME = 'waybill-operator';

const allow = (apiGroup: string, resources: string[], verbs: string[]): JsonObject => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

const READ = ['get', 'list', 'watch'];
/** Server-side apply asks for `patch`, and for `create` where the object is not there yet. */
const KEEP = [...READ, 'create', 'patch', 'delete'];

/** In every namespace: the kinds that Waybill plans itself, and what it reads to say how they do. */
const CLUSTER_RULES: JsonObject[] = [
  allow('', ['configmaps', 'services'], KEEP),
  // A candidate is scaled by writing its count alone.
  allow('apps', ['deployments'], [...KEEP, 'update']),
  allow('autoscaling', ['horizontalpodautoscalers'], KEEP),
  allow('networking.istio.io', ['destinationrules', 'virtualservices'], KEEP),
  // Which versions are served changes with them.
  allow('apiextensions.k8s.io', ['customresourcedefinitions'], READ),
  // Whether a mesh can be told of a candidate.
  allow('discovery.k8s.io', ['endpointslices'], ['list']),
  // Why a rollout does not come to its end, in the words of the pods.
  allow('apps', ['replicasets'], ['list']),
  allow('', ['pods', 'events'], ['list']),
];

/** In the operator's own namespace: its Releases, its lease, and what it says about them. */
const OWN_RULES: JsonObject[] = [
  allow(RELEASE_GROUP, ['releases'], [...READ, 'create', 'update', 'delete']),
  allow(RELEASE_GROUP, ['releases/status'], ['update']),
  allow('coordination.k8s.io', ['leases'], ['get', 'create', 'update']),
  allow('events.k8s.io', ['events'], ['create', 'patch']),
];

export interface Subject {
  readonly kind: 'ServiceAccount' | 'User' | 'Group';
  readonly name: string;
}

/**
 * What an operator may do, and nothing else. Extra manifests of other kinds need a role of their own, bound to the same
 * subject.
 */
export function operatorRbac(
  namespace: string,
  subject: Subject = { kind: 'ServiceAccount', name: NAME },
): KubernetesObject[] {
  const subjects: JsonObject[] = [
    subject.kind === 'ServiceAccount'
      ? { kind: subject.kind, name: subject.name, namespace }
      : { apiGroup: 'rbac.authorization.k8s.io', kind: subject.kind, name: subject.name },
  ];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const apiGroup = 'rbac.authorization.k8s.io';
  // Each namespace has an operator of its own; roles of the cluster have no namespace to tell them apart.
  const clusterWide = `${NAME}-${namespace}`;
  return [
    { apiVersion, kind: 'ClusterRole', metadata: { name: NAME }, rules: CLUSTER_RULES },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: clusterWide },
      roleRef: { apiGroup, kind: 'ClusterRole', name: NAME },
      subjects,
    },
    { apiVersion, kind: 'Role', metadata: { name: NAME, namespace }, rules: OWN_RULES },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: NAME, namespace },
      roleRef: { apiGroup, kind: 'Role', name: NAME },
      subjects,
    },
  ];
}
