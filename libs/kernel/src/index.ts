export type { Actor, Event, EventToAppend, JsonObject, JsonValue, Position, RecordedEvent } from './event.js';
export { comparePositions } from './event.js';
export type { AppendResult, EventStore, ExpectedRevision, ReadStreamOptions, SubscribeOptions } from './event-store.js';
export { MAX_EVENT_BYTES } from './event-store.js';
export type { ErrorCode, FieldProblem } from './errors.js';
export { RetryableError, WaybillError, isWaybillError } from './errors.js';
export type { EventDefinition, EventDefinitions, EventsOf, StreamDefinition, Upcast } from './catalogue.js';
export { EventCatalogue, defineStream, fieldProblems, parseInput } from './catalogue.js';
export type { Command, CommandMetadata, Decider } from './decider.js';
export { assertNever } from './decider.js';
export { canonicalText } from './canonical.js';
export { envelopeText, genesisHash, sha256, verifyChain } from './hashing.js';
export type { Clock, PreparedEvent, SealedEvent, StreamHead } from './recording.js';
export {
  isExpected,
  numberOfPosition,
  prepareEvents,
  recordedEvent,
  sealEvents,
  settleRepeat,
  systemClock,
  unsealEvent,
} from './recording.js';
export type { Followed } from './subscription.js';
export { createBell, follow } from './subscription.js';
export { derivedId, eventId, newId } from './ids.js';
export type { CommandDependencies, CommandResult, Loaded } from './handle-command.js';
export type { NewestKept } from './newest-kept.js';
export { newestKept } from './newest-kept.js';
export type { RecentStreams } from './recent-streams.js';
export { createRecentStreams } from './recent-streams.js';
export { clampOccurredAt, commandDigest, handleCommand, handleCommands, loadStream } from './handle-command.js';
