export type { Channel, RetainedRecords } from './channel.js';
export {
  DesiredRecord,
  DesiredState,
  EnvironmentVariable,
  MAX_DESIRED_BYTES,
  SecretReference,
} from './desired-state.js';
export type { LocationReport } from './report.js';
export {
  ConnectedReport,
  DeploymentReport,
  HEARTBEAT_INTERVAL_MS,
  HeartbeatReport,
  MAX_RESYNC_ENVIRONMENTS,
  Report,
  ResyncReport,
  StandingEnvironment,
  locationOf,
  resyncDigest,
  sortedByName,
} from './report.js';
export { createInProcessChannel } from './in-process/in-process-channel.js';
export { createMemoryRetained } from './in-process/memory-retained.js';
