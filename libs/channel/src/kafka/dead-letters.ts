import { WaybillError } from '@waybill/kernel';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { DeadLetter } from '../channel.js';
import type { DeadLetterReason, Poison } from './decode.js';
import type { Sender } from './sender.js';

/** A dead letter with the record as it was. */
export interface KeptRecord {
  readonly letter: DeadLetter;
  readonly message: Message;
}

/**
 * Records that nobody can take, in a topic of their own: key, value and headers as they were, and what was wrong in
 * headers of ours, after the custom of Kafka Connect. A retry is a record of its own, so the topic is only added to.
 */
export interface DeadLetters {
  add(
    source: { readonly topic: string; readonly partition: number },
    message: KafkaMessage,
    poison: Poison,
  ): Promise<void>;
  /** Those that were not retried, the oldest first. */
  list(): Promise<readonly KeptRecord[]>;
  /** Throws `NOT_FOUND` for one that is not there or was retried. */
  get(id: string): Promise<KeptRecord>;
  retried(id: string): Promise<void>;
}

const HEADER = 'waybill-dead-letter-';
const RETRIED = `${HEADER}retried`;

/** What of a value is shown. Characters. */
const SHOWN = 4_000;

export function createDeadLetters(options: {
  readonly sender: () => Sender;
  readonly read: (onMessage: (message: KafkaMessage) => void) => Promise<void>;
  readonly onAdded: (reason: DeadLetterReason) => void;
}): DeadLetters {
  const { sender, read, onAdded } = options;

  async function list(): Promise<readonly KeptRecord[]> {
    const kept = new Map<string, KeptRecord>();
    await read((message) => {
      const retried = text(message.headers?.[RETRIED]);
      if (retried !== undefined) kept.delete(retried);
      else kept.set(message.offset, keptOf(message));
    });
    return [...kept.values()];
  }

  return {
    async add({ topic, partition }, { key, value, headers, offset }, { reason, message }) {
      const about = { reason, message, topic, partition: String(partition), offset };
      await sender().send({
        key,
        value,
        headers: {
          ...headers,
          ...Object.fromEntries(Object.entries(about).map(([name, told]) => [`${HEADER}${name}`, told])),
        },
      });
      onAdded(reason);
    },
    list,
    async get(id) {
      const found = (await list()).find(({ letter }) => letter.id === id);
      if (found) return found;
      throw new WaybillError('NOT_FOUND', `There is no dead letter ${id}, or it was retried`, {
        hint: 'waybill dead-letters list shows those that are there.',
      });
    },
    retried: (id) => sender().send({ key: null, value: null, headers: { [RETRIED]: id } }),
  };
}

function keptOf({ key, value, headers = {}, offset, timestamp }: KafkaMessage): KeptRecord {
  const about = (name: string): string => text(headers[`${HEADER}${name}`]) ?? '';
  const own = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(HEADER)));
  return {
    letter: {
      id: offset,
      at: new Date(Number(timestamp)).toISOString(),
      reason: about('reason') as DeadLetterReason,
      message: about('message'),
      topic: about('topic'),
      partition: Number(about('partition')),
      offset: about('offset'),
      key: key?.toString() ?? null,
      value: value?.toString().slice(0, SHOWN) ?? null,
      bytes: value?.length ?? 0,
    },
    message: { key, value, headers: own },
  };
}

function text(header: IHeaders[string]): string | undefined {
  const [first] = [header].flat();
  return first === undefined ? undefined : String(first);
}
