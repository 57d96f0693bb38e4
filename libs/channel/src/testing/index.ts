export type { ChannelUnderTest } from './channel-contract.js';
export { channelContract } from './channel-contract.js';
export type { Gathering } from './gather.js';
export { gather } from './gather.js';
export {
  absentRecord,
  connectedReport,
  deploymentReport,
  heartbeatReport,
  presentRecord,
  resyncReport,
} from './examples.js';
export { writeFeedStory } from './feed-story.js';
export type { Load, LoadResult } from './under-load.js';
export { startLoad } from './under-load.js';
