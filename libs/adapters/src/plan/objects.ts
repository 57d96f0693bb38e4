import type { ObjectReference } from '@waybill/domain';
import type { JsonValue } from '@waybill/kernel';
import { homeOf } from '../versions/table.js';

/** One object as it is applied. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: JsonValue | undefined;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: JsonValue | undefined;
}

export function referenceOf(object: KubernetesObject): ObjectReference {
  const slash = object.apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : object.apiVersion.slice(0, slash),
    version: object.apiVersion.slice(slash + 1),
    kind: object.kind,
    namespace: object.metadata.namespace ?? null,
    name: object.metadata.name,
  };
}

/** What makes two objects the same one, whatever version they are written in. */
export function identityOf(object: KubernetesObject): string {
  return identityOfReference(referenceOf(object));
}

export function identityOfReference({ group, kind, namespace, name }: Identified): string {
  return `${homeOf(group, kind)}/${kind}/${namespace ?? ''}/${name}`;
}

type Identified = Pick<ObjectReference, 'group' | 'kind' | 'name'> & { readonly namespace?: string | null };

/** Order in which objects are applied: what others need comes first; unknown kinds last. */
const RANK = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'StorageClass',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'PodDisruptionBudget',
  'HorizontalPodAutoscaler',
  'Ingress',
  'DestinationRule',
  'VirtualService',
];

/** The same objects in the order of applying, whatever order they came in. */
export function inApplyOrder(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const rank = ({ kind }: KubernetesObject): number => (RANK.indexOf(kind) + RANK.length + 1) % (RANK.length + 1);
  return objects
    .map((object) => ({ object, rank: rank(object), identity: identityOf(object) }))
    .sort((x, y) => x.rank - y.rank || (x.identity < y.identity ? -1 : 1))
    .map(({ object }) => object);
}
