export type { OperatorLog } from './log.js';
export type { OperatorOptions, RunningOperator } from './operator.js';
export { startOperator } from './operator.js';
export type {
  ClusterOperatorOptions,
  OperatorCounts,
  OperatorState,
  RunningClusterOperator,
} from './cluster/operator.js';
export { startClusterOperator } from './cluster/operator.js';
export { releaseCrd } from './release-resource/crd.js';
export type { ManifestOptions } from './release-resource/manifests.js';
export { EXAMPLE_MANIFESTS, manifestText, operatorManifests } from './release-resource/manifests.js';
export { operatorRbac } from './release-resource/rbac.js';
export type { Condition, Release, ReleaseSpec, ReleaseStatus } from './release-resource/release.js';
export { RELEASE_API_VERSION, RELEASE_KIND, releaseName } from './release-resource/release.js';
