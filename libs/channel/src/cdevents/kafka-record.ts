import type { FeedEvent } from './schema.js';

/** One record of the feed's topic, as a Kafka client sends it. */
export interface FeedRecord {
  /** Subject of the event: what is told of one subject stays in order. */
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The event in the binary content mode of the CloudEvents 1.0 Kafka protocol binding (§3.2): the attributes are headers,
 * the value is the CDEvent itself (CDEvents cloudevents-binding.md). A consumer can then choose by header without
 * reading the value, and one that knows nothing of CloudEvents finds plain JSON.
 */
export function kafkaRecord(event: FeedEvent): FeedRecord {
  const { context, subject } = event;
  return {
    key: subject.id,
    value: JSON.stringify(event),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: context.id,
      ce_source: context.source,
      ce_type: context.type,
      ce_subject: subject.id,
      ce_time: context.timestamp,
    },
  };
}
