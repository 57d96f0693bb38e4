import type { ConsumerConfig, Kafka, KafkaMessage } from 'kafkajs';
import type { WithAdmin } from './client.js';
import { type Ended, HandlerFault, keepingAlive, runSession } from './session.js';

export interface FollowOptions {
  readonly kafka: Kafka;
  readonly withAdmin: WithAdmin;
  readonly topic: string;
  readonly groupId: string;
  readonly signal: AbortSignal;
  readonly consumer?: Partial<ConsumerConfig>;
  /** Whether the group's offset is kept, which others measure its lag by. */
  readonly commit: boolean;
  handle(message: KafkaMessage): Promise<void>;
  /** Everything that stood there when the partition was assigned was handled: once for each time it was. */
  onCaughtUp(): void;
}

const PARTITION = 0;

/**
 * Gives every record of a topic of one partition from its beginning on, whatever the group has committed. A member that
 * is given the partition anew begins again: what it missed meanwhile, or what a topic that was deleted and created again
 * holds under offsets that it had read before, is not lost that way.
 */
export async function followTopic(options: FollowOptions): Promise<Ended> {
  const { topic, withAdmin } = options;
  const offsets = async (): Promise<{ low: string; high: string }> =>
    (await withAdmin((admin) => admin.fetchTopicOffsets(topic)))[PARTITION]!;
  let low: string;
  try {
    ({ low } = await offsets());
  } catch (error) {
    return { by: 'kafka', error };
  }
  let next = 0n;
  /** End of what was committed when the partition was assigned; undefined while that is being asked. */
  let end: bigint | undefined;
  let caughtUp = false;
  let joined = 0;

  const reached = (position: bigint): void => {
    next = position;
    if (caughtUp || end === undefined || next < end) return;
    caughtUp = true;
    options.onCaughtUp();
  };

  return runSession({
    ...options,
    topics: [topic],
    onJoin(assigned, session) {
      const mine = ++joined;
      end = undefined;
      caughtUp = false;
      if (!assigned.includes(topic)) return;
      next = BigInt(low);
      session.consumer.seek({ topic, partition: PARTITION, offset: low });
      offsets().then(
        ({ high }) => {
          if (mine !== joined || session.over) return;
          end = BigInt(high);
          reached(next);
        },
        (error: unknown) => session.end({ by: 'kafka', error }),
      );
    },
    onSkipped: (_topic, position) => reached(position),
    async eachBatch({ batch, heartbeat, resolveOffset, isRunning, isStale, commitOffsetsIfNecessary }, session) {
      const isDone = await keepingAlive(heartbeat, async () => {
        for (const message of batch.messages) {
          if (session.over || !isRunning() || isStale()) return false;
          await options.handle(message).catch(asHandlerFault);
          resolveOffset(message.offset);
        }
        return true;
      });
      if (!isDone) return;
      const position = BigInt(batch.lastOffset()) + 1n;
      reached(position);
      if (!options.commit) return;
      const offset = String(position);
      const topics = [{ topic, partitions: [{ partition: PARTITION, offset }] }];
      await session.commit(() => commitOffsetsIfNecessary({ topics }));
    },
  });
}

export function asHandlerFault(error: unknown): never {
  throw new HandlerFault(error);
}
