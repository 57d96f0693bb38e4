export type {
  Channel,
  DeadLetter,
  DesiredHandlers,
  RefusedReport,
  ReportsHandler,
  RetainedGeneration,
  RetainedRecords,
  UnreadableRecord,
} from './channel.js';
export {
  DesiredRecord,
  DesiredState,
  EnvironmentVariable,
  MAX_DESIRED_BYTES,
  SecretReference,
  compareRecords,
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
export { createFeedHistory, sourceOf } from './cdevents/facts.js';
export { feedOf, runFeed } from './cdevents/feed.js';
export type { FeedOptions, FeedProgress, FeedPublisher } from './cdevents/feed.js';
export { kafkaRecord } from './cdevents/kafka-record.js';
export type { FeedRecord } from './cdevents/kafka-record.js';
export { CDEVENTS_VERSION, CdEventSchema, FEED_KINDS, FeedEventSchema, typeOf } from './cdevents/schema.js';
export type { FeedEvent, FeedKind } from './cdevents/schema.js';
export { FEED_TABLE, NOT_TOLD } from './cdevents/table.js';
export type { FeedRow } from './cdevents/table.js';
export type { KafkaAddress } from './kafka/address.js';
export { readKafkaAddress } from './kafka/address.js';
export type { ChannelLog } from './kafka/client.js';
export type { ChannelObserver, KafkaChannelOptions } from './kafka/kafka-channel.js';
export { createKafkaChannel } from './kafka/kafka-channel.js';
export { createKafkaFeed } from './kafka/feed.js';
