import { environmentName } from '@waybill/domain';
import type { KafkaMessage } from 'kafkajs';
import type { RetainedGeneration } from '../channel.js';
import { GENERATION_HEADER, standingOf } from './desired-writer.js';

/** Those of the generations that a topic of desired states does not hold, nor anything newer under their keys. */
export async function lackingOf(
  generations: readonly RetainedGeneration[],
  read: (onMessage: (message: KafkaMessage) => void) => Promise<void>,
): Promise<readonly RetainedGeneration[]> {
  const there = new Map<string, number>();
  await read(({ key, value, headers }) => {
    if (key) there.set(key.toString(), standingOf(value, headers?.[GENERATION_HEADER]).generation);
  });
  return generations.filter(
    ({ environment, generation }) => (there.get(environmentName(environment)) ?? 0) < generation,
  );
}
