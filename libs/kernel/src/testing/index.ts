export { createMemoryEventStore } from './memory-event-store.js';
export type { DeciderSpec, Then } from './decider-spec.js';
export { deciderSpec } from './decider-spec.js';
export { eventStoreContract } from './event-store/contract.js';
export type { ManualClock, StoreFactory, StoreUnderTest } from './event-store/sample-events.js';
export { manualClock, sampleEvent, sampleEvents } from './event-store/sample-events.js';
export { handleCommandContract } from './handle-command/contract.js';
