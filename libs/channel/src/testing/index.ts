export type { ChannelUnderTest } from './channel-contract.js';
export { channelContract } from './channel-contract.js';
export { absentRecord, connectedReport, deploymentReport, presentRecord } from './examples.js';
