/** What a location serves, as `group/version/kind` (`version/kind` for the core group). */
export interface Capabilities {
  readonly served: readonly string[];
}

/**
 * What is planned for a location that cannot be asked, such as a Git repository: the stable versions that every
 * supported release of Kubernetes (1.25 on) and Istio (1.22 on) serves.
 */
export const STABLE_CAPABILITIES: Capabilities = {
  served: [
    'v1/ConfigMap',
    'v1/Service',
    'apps/v1/Deployment',
    'autoscaling/v2/HorizontalPodAutoscaler',
    'networking.istio.io/v1/DestinationRule',
    'networking.istio.io/v1/VirtualService',
  ],
};
