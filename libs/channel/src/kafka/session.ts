import type { Consumer, ConsumerConfig, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { CONSUMER_RETRY } from './client.js';

/** How a session of a consumer ended: on its own account (aborted or done), by the handler's fault, or by Kafka's. */
export type Ended =
  | { readonly by: 'itself' }
  | { readonly by: 'handler'; readonly error: unknown }
  | { readonly by: 'kafka'; readonly error: unknown };

export interface SessionOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly signal: AbortSignal;
  readonly consumer?: Partial<ConsumerConfig>;
  /** Batches of different topics that are handled beside each other. */
  readonly concurrency?: number;
  /**
   * Called for one batch of a topic at a time. What it throws as {@link HandlerFault} ends the session by the handler's
   * fault; every other error is kafkajs's own, which rejoins or ends the session.
   */
  eachBatch(payload: EachBatchPayload, session: Session): Promise<void>;
  onJoin?(assigned: readonly string[], session: Session): void;
  /** After a batch that held nothing to handle: transaction markers, or records of a transaction that was aborted. */
  onSkipped?(topic: string, next: bigint, session: Session): void;
}

export interface Session {
  readonly consumer: Consumer;
  /** Whether nothing more is to be handled. */
  readonly over: boolean;
  /**
   * Commits offsets while what comes behind them is read and handled. One that fails is thrown by the next call: the
   * group has moved on. What is not committed in the end is given again.
   */
  commit(work: () => Promise<void>): Promise<void>;
  end(ended: Ended): void;
}

/** Marks an error as one of whoever handles records, to be handed through as it is. */
export class HandlerFault extends Error {
  readonly error: unknown;
  constructor(error: unknown) {
    super('the handler failed');
    this.error = error;
  }
}

const HEARTBEAT_MS = 3_000;

/**
 * Runs one consumer of a group until the signal aborts, the handler fails or kafkajs gives up. Reads committed records
 * only. Nothing is fetched while a batch is handled, so a slow handler holds no more than one fetch in memory; the
 * group's session is kept alive meanwhile.
 */
export async function runSession(options: SessionOptions): Promise<Ended> {
  const { kafka, groupId, topics, signal } = options;
  if (signal.aborted) return { by: 'itself' };
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    sessionTimeout: 10_000,
    rebalanceTimeout: 60_000,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: 500,
    maxBytes: 8 * 1024 * 1024,
    maxBytesPerPartition: 4 * 1024 * 1024,
    // kafkajs would start again by itself and forget what it was sought to.
    retry: { ...CONSUMER_RETRY, restartOnFailure: () => Promise.resolve(false) },
    ...options.consumer,
  });
  let ended: Ended | undefined;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const committer = createCommitter();
  const session: Session = {
    consumer,
    commit: committer.commit,
    get over() {
      return ended !== undefined;
    },
    end(how) {
      ended ??= how;
      finish();
    },
  };
  const abort = (): void => session.end({ by: 'itself' });
  signal.addEventListener('abort', abort, { once: true });

  consumer.on('consumer.crash', ({ payload: { error } }) => session.end({ by: 'kafka', error }));
  consumer.on('consumer.group_join', ({ payload }: ConsumerGroupJoinEvent) => {
    if (!session.over) options.onJoin?.(Object.keys(payload.memberAssignment), session);
  });
  consumer.on('consumer.end_batch_process', ({ payload: { topic, lastOffset, batchSize } }) => {
    if (!session.over && batchSize === 0) options.onSkipped?.(topic, BigInt(lastOffset) + 1n, session);
  });

  let started = false;
  const running = (async () => {
    await consumer.connect();
    started = true;
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.concurrency ?? 1,
      eachBatch: async (payload) => {
        if (session.over) return;
        try {
          await options.eachBatch(payload, session);
        } catch (error) {
          if (!(error instanceof HandlerFault)) throw error;
          session.end({ by: 'handler', error: error.error });
        }
      },
    });
  })();
  running.catch((error: unknown) => session.end({ by: 'kafka', error }));

  await finished;
  signal.removeEventListener('abort', abort);
  // While it still connects, kafkajs cannot be stopped: it is let go, and ends when it is connected or gives up.
  const disconnected = running
    .catch(() => undefined)
    .then(committer.settled)
    .then(() => consumer.disconnect().catch(() => undefined));
  if (started) await disconnected;
  return ended!;
}

/** One commit at a time, none of which is waited for before the next one. */
function createCommitter() {
  let last: Promise<{ readonly error: unknown } | undefined> = Promise.resolve(undefined);
  const settled = (): Promise<{ readonly error: unknown } | undefined> => last;
  return {
    settled,
    async commit(work: () => Promise<void>): Promise<void> {
      const failed = await settled();
      last = Promise.resolve(undefined);
      if (failed) throw failed.error;
      last = work().then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
    },
  };
}

/** Keeps the group's session alive while `work` runs. Rejects when `work` does, or else when the group moved on. */
export async function keepingAlive<T>(heartbeat: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  let moved: { readonly error: unknown } | undefined;
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => (moved ??= { error }));
  }, HEARTBEAT_MS);
  try {
    const result = await work();
    if (moved) throw moved.error;
    return result;
  } finally {
    clearInterval(timer);
  }
}
