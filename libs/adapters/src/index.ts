export type { Capabilities } from './plan/capabilities.js';
export { STABLE_CAPABILITIES } from './plan/capabilities.js';
export { toFiles } from './plan/files.js';
export { TRACK_LABEL, objectName } from './plan/naming.js';
export type { KubernetesObject } from './plan/objects.js';
export type { Plan } from './plan/plan-objects.js';
export { planObjects, refuseSteps } from './plan/plan-objects.js';
export type { RejectionReason } from './plan/rejected.js';
export { RejectedError } from './plan/rejected.js';
export { identityOfReference } from './plan/objects.js';
export { onlyTrack } from './plan/only-track.js';
export type { Tracks } from './plan/tracks.js';
export { deploymentName, isMeshed, otherTrack } from './plan/tracks.js';
export { toYaml } from './plan/yaml.js';
export type { Applied, Deliverer, Delivered, Drift } from './deliver/deliverer.js';
export { standsAt } from './deliver/deliverer.js';
export type { GitDeliveryOptions } from './deliver/git/git-delivery.js';
export { createGitDelivery } from './deliver/git/git-delivery.js';
export type {
  ApplyOptions,
  Cluster,
  Health,
  LiveObject,
  RequestOptions,
  Selection,
  Watcher,
} from './deliver/cluster/cluster.js';
export type { ConnectOptions } from './deliver/cluster/connect.js';
export { connectCluster, nameOf } from './deliver/cluster/connect.js';
export { FIELD_MANAGER, appliedInAnotherVersion, withoutFieldSets } from './deliver/cluster/managed-fields.js';
export type { ApiCause, ApiFault } from './deliver/cluster/api-error.js';
export { ApiError, isApiError } from './deliver/cluster/api-error.js';
export type { HealthExtra } from './deliver/cluster/health/verdict.js';
export { healthOf } from './deliver/cluster/health/health.js';
export { readBack } from './deliver/cluster/read-back.js';
export { MISSING, driftOf } from './deliver/cluster/drift.js';
export type { EventWords } from './deliver/cluster/emit-event.js';
export { emitEvent } from './deliver/cluster/emit-event.js';
export type { HeldLease, HoldLeaseOptions } from './deliver/cluster/lease.js';
export { holdLease } from './deliver/cluster/lease.js';
export { ownedBy } from './deliver/cluster/owned-by.js';
export { podTroubles } from './deliver/cluster/pod-troubles.js';
export type { GoneKind, SameContent, VersionRule } from './versions/rule.js';
export { newestFirst } from './versions/priority.js';
export { TABLE as VERSION_TABLE } from './versions/table.js';
