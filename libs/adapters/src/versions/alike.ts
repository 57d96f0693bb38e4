import { type GoneKind, type SameContent, guide } from './rule.js';

const RBAC = 'rbac.authorization.k8s.io';
const ISTIO_CRDS = 'istio/api `kubernetes/customresourcedefinitions.gen.yaml`';

/** Versions that differ in their name only. */
export const ALIKE: readonly SameContent[] = [
  { kinds: ['CronJob'], versions: ['batch/v1', 'batch/v1beta1'], source: guide('v1.25') },
  { kinds: ['RuntimeClass'], versions: ['node.k8s.io/v1', 'node.k8s.io/v1beta1'], source: guide('v1.25') },
  {
    kinds: ['IngressClass'],
    versions: ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'],
    source: guide('v1.22'),
  },
  {
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
    versions: [`${RBAC}/v1`, `${RBAC}/v1beta1`],
    source: guide('v1.22'),
  },
  { kinds: ['PriorityClass'], versions: ['scheduling.k8s.io/v1', 'scheduling.k8s.io/v1beta1'], source: guide('v1.22') },
  {
    kinds: ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
    versions: ['storage.k8s.io/v1', 'storage.k8s.io/v1beta1'],
    source: guide('v1.22'),
  },
  { kinds: ['Lease'], versions: ['coordination.k8s.io/v1', 'coordination.k8s.io/v1beta1'], source: guide('v1.22') },
  {
    kinds: ['APIService'],
    versions: ['apiregistration.k8s.io/v1', 'apiregistration.k8s.io/v1beta1'],
    source: guide('v1.22'),
  },
  { kinds: ['NetworkPolicy'], versions: ['networking.k8s.io/v1', 'extensions/v1beta1'], source: guide('v1.16') },
  {
    kinds: [
      'DestinationRule',
      'Gateway',
      'ServiceEntry',
      'Sidecar',
      'VirtualService',
      'WorkloadEntry',
      'WorkloadGroup',
    ],
    versions: ['networking.istio.io/v1', 'networking.istio.io/v1beta1', 'networking.istio.io/v1alpha3'],
    source: `${ISTIO_CRDS}, 1.16 and 1.30: one schema for all that are in it`,
  },
  {
    kinds: ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'],
    versions: ['security.istio.io/v1', 'security.istio.io/v1beta1'],
    source: `${ISTIO_CRDS}, 1.30: one schema for both`,
  },
  {
    kinds: ['Telemetry'],
    versions: ['telemetry.istio.io/v1', 'telemetry.istio.io/v1alpha1'],
    source: `${ISTIO_CRDS}, 1.30: one schema for both`,
  },
  {
    kinds: ['Gateway', 'GatewayClass', 'HTTPRoute', 'ReferenceGrant'],
    versions: ['gateway.networking.k8s.io/v1', 'gateway.networking.k8s.io/v1beta1'],
    source: 'sigs.k8s.io/gateway-api `config/crd/standard`, 1.6: one schema for both',
  },
];

/** Kinds that Kubernetes took away. */
export const GONE: readonly GoneKind[] = [
  {
    kind: 'PodSecurityPolicy',
    versions: ['policy/v1beta1', 'extensions/v1beta1'],
    instead: 'Label the namespace for Pod Security Admission.',
    source: guide('v1.25'),
  },
];
