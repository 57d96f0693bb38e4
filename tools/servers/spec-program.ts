import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A part of a server. All of these resolve once it is done. */
export interface Faults {
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Starts it with the same port and data, whether it runs or not; resolves when it is ready. */
  restart(): Promise<void>;
}

/** Resolves with what the method returned; null for nothing. */
export type Call = (method: string, ...args: unknown[]) => Promise<unknown>;

export function faults(call: Call, prefix: string): Faults {
  return {
    kill: async () => void (await call(`${prefix}kill`)),
    pause: async () => void (await call(`${prefix}pause`)),
    resume: async () => void (await call(`${prefix}resume`)),
    restart: async () => void (await call(`${prefix}restart`)),
  };
}

/** A server as a process of its own that ends with this one; the protocol is described in as-program.mjs. */
export async function startProgram<Told>(name: string, options: object) {
  const script = join(__dirname, `${name}.mjs`);
  const child = spawn(process.execPath, [script, '--options', JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const told = await firstLine<Told>(name, child);
  // It ends when this process does; it must not keep it from ending.
  child.unref();
  child.channel?.unref();
  let last = 0;
  const call: Call = (method, ...args) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const unheard = (): void => {
        child.off('message', hear).off('exit', ended);
        child.channel?.unref();
      };
      const hear = (answer: { id: number; error?: string; result?: unknown }): void => {
        if (answer.id !== id) return;
        unheard();
        if (answer.error === undefined) resolve(answer.result);
        else reject(new Error(answer.error));
      };
      const ended = (): void => {
        unheard();
        reject(new Error(`the process of ${name} has ended`));
      };
      child.channel?.ref();
      child.on('message', hear).on('exit', ended);
      child.send({ id, call: method, args });
    });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill('SIGTERM');
    await ended;
  };
  return { told, call, stop };
}

function firstLine<Told>(name: string, child: ChildProcess): Promise<Told> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) throw new Error('the program has no standard output');
    const lines = createInterface({ input: child.stdout });
    lines.once('line', (line) => {
      const answer = JSON.parse(line) as Told & { error?: string };
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(answer.error));
      lines.close();
      child.stdout?.destroy();
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}
