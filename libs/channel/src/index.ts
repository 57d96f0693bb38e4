export type { Channel, RetainedRecords } from './channel.js';
export {
  DesiredRecord,
  DesiredState,
  EnvironmentVariable,
  MAX_DESIRED_BYTES,
  SecretReference,
} from './desired-state.js';
export { ConnectedReport, DeploymentReport, Report, locationOf } from './report.js';
export { createInProcessChannel } from './in-process/in-process-channel.js';
export { createMemoryRetained } from './in-process/memory-retained.js';
