/** What a location serves, as `group/version/kind` (`version/kind` for the core group). */
export interface Capabilities {
  readonly served: readonly string[];
}

/**
 * What is planned for a location that cannot be asked, such as a Git repository: the stable versions that every
 * supported release of Kubernetes (1.25 on) and Istio (1.22 on) serves, of the kinds that Waybill plans itself and of
 * those that older manifests name in a version that went.
 */
export const STABLE_CAPABILITIES: Capabilities = {
  served: [
    'v1/ConfigMap',
    'v1/Service',
    'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration',
    'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
    'apiregistration.k8s.io/v1/APIService',
    'apps/v1/DaemonSet',
    'apps/v1/Deployment',
    'apps/v1/ReplicaSet',
    'apps/v1/StatefulSet',
    'autoscaling/v2/HorizontalPodAutoscaler',
    'batch/v1/CronJob',
    'coordination.k8s.io/v1/Lease',
    'networking.istio.io/v1/DestinationRule',
    'networking.istio.io/v1/Gateway',
    'networking.istio.io/v1/VirtualService',
    'networking.k8s.io/v1/Ingress',
    'networking.k8s.io/v1/IngressClass',
    'networking.k8s.io/v1/NetworkPolicy',
    'node.k8s.io/v1/RuntimeClass',
    'policy/v1/PodDisruptionBudget',
    'rbac.authorization.k8s.io/v1/ClusterRole',
    'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
    'rbac.authorization.k8s.io/v1/Role',
    'rbac.authorization.k8s.io/v1/RoleBinding',
    'scheduling.k8s.io/v1/PriorityClass',
    'storage.k8s.io/v1/CSIDriver',
    'storage.k8s.io/v1/CSINode',
    'storage.k8s.io/v1/StorageClass',
    'storage.k8s.io/v1/VolumeAttachment',
  ],
};
