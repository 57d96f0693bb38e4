import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** A Kafka broker that a test may break. */
export interface OwnBroker {
  readonly brokers: readonly string[];
  /** SIGKILL. */
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** On the same ports and data; in good order when it still runs. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = resolve(__dirname, '../../../../tools/servers/kafka.mjs');

/** Starts a broker of its own. Rejects in one sentence when Kafka is not installed. */
export async function startOwnBroker(): Promise<OwnBroker> {
  const child = fork(PROGRAM, ['--until', String(process.pid)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: [],
  });
  const told = JSON.parse(await firstLine(child)) as { readonly brokers?: string[]; readonly error?: string };
  if (!told.brokers) throw new Error(told.error ?? 'kafka.mjs named no broker');
  let calls = 0;
  const call = async (name: string): Promise<void> => {
    const id = ++calls;
    child.send({ id, call: name });
    for (;;) {
      const [answer] = (await once(child, 'message')) as [{ readonly id: number; readonly error?: string }];
      if (answer.id !== id) continue;
      if (answer.error !== undefined) throw new Error(answer.error);
      return;
    }
  };
  return {
    brokers: told.brokers,
    kill: () => call('kill'),
    pause: () => call('pause'),
    resume: () => call('resume'),
    restart: () => call('restart'),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line'),
    once(child, 'exit').then(() => ['{}']),
  ])) as [string];
  return line;
}
