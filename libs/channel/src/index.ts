export type { Channel, RetainedRecords } from './channel.js';
export { DesiredRecord, DesiredState, MAX_DESIRED_BYTES } from './desired-state.js';
export { ConnectedReport, DeploymentReport, Report, locationOf } from './report.js';
