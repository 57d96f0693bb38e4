import { WaybillError } from '@waybill/kernel';
import type { DeadLetters } from './dead-letters.js';
import { readDesired } from './decode.js';
import type { DesiredWriter } from './desired-writer.js';
import type { Sender } from './sender.js';
import type { Names } from './topics.js';

/**
 * Puts a dead letter back on the topic it was found on. A desired state goes through the location's writer, which keeps
 * it from standing above a newer one.
 */
export async function retryRecord(
  id: string,
  {
    deadLetters,
    names,
    writerOf,
    senderTo,
  }: {
    readonly deadLetters: DeadLetters;
    readonly names: Names;
    readonly writerOf: (location: string) => DesiredWriter;
    readonly senderTo: (topic: string, kind: 'reports') => Sender;
  },
): Promise<void> {
  const { letter, message } = await deadLetters.get(id);
  const { topic } = letter;
  const desired = locationBehind(names.desired(''), topic);
  if (desired !== undefined) {
    const read = readDesired({ key: message.key as Buffer | null, value: message.value as Buffer | null }, desired);
    if ('poison' in read) throw cannot(id, `this ledger cannot read it either: ${read.poison.message}`);
    if (!(await writerOf(desired).publish(read.value, true))) {
      throw cannot(id, `something newer than generation ${read.value.generation} stands in its place`);
    }
  } else if (locationBehind(names.reports(''), topic) !== undefined) {
    await senderTo(topic, 'reports').send(message);
  } else {
    throw cannot(id, `it was found on ${topic || 'no topic'}, which is none of this channel's`);
  }
  await deadLetters.retried(id);
}

const locationBehind = (start: string, topic: string): string | undefined =>
  topic.startsWith(start) && topic.length > start.length ? topic.slice(start.length) : undefined;

const cannot = (id: string, why: string): WaybillError =>
  new WaybillError('INVALID_STATE', `Dead letter ${id} cannot be retried: ${why}`);
