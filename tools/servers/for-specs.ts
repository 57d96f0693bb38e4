// Real servers that a spec starts for itself, to stop, kill and pause them. jest cannot import the modules beside this
// one (they are ESM), so each server is a process of its own that ends with the spec's, and is told what to do.
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

export interface KafkaOptions {
  /** More lines of server.properties, such as an authorizer. */
  settings?: Record<string, string>;
  /** A second listener; `users` are passwords by name; `expired`: its certificate ended yesterday. */
  secured?: {
    protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
    users?: Record<string, string>;
    mechanisms?: ('PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512')[];
    expired?: boolean;
  };
}

export interface StartedKafka extends Faults {
  /** `host:port`, without TLS and SASL. */
  brokers: string[];
  secured?: { brokers: string[]; protocol: string; caFile?: string };
  logFile: string;
  /** Removes everything. */
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  version?: string;
  /** Groups by user name, beside `admin` (may do everything) and `operator` (group `waybill:operators`, no rights). */
  users?: Record<string, string[]>;
  apiserverFlags?: string[];
}

export interface StartedKubernetes {
  version: string;
  url: string;
  /** Paths of kubeconfig files: the admin's, the operator's, and everybody's by user name. */
  kubeconfig: string;
  operatorKubeconfig: string;
  kubeconfigs: Record<string, string>;
  caFile: string;
  /** Path of the kubectl that fits. */
  kubectl: string;
  /** Folder with a log of each program. */
  logs: string;
  apiserver: Faults;
  etcd: Faults;
  controllers: Faults;
  scheduler: Faults;
  kwok: Faults;
  /** Makes a user's token worthless; restarts the API server for that. */
  revoke(user: string): Promise<void>;
  /** Removes everything. */
  stop(): Promise<void>;
}

/** Rejects with one sentence when Kafka or Java is missing, with the broker's own words when it does not start. */
export async function startKafka(options: KafkaOptions = {}): Promise<StartedKafka> {
  const { told, call, stop } = await startProgram<Omit<StartedKafka, keyof Faults | 'stop'>>('kafka', options);
  return { ...told, ...faults(call, ''), stop };
}

/** Rejects with one sentence when it is not installed, with the words of the program that did not start. */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<StartedKubernetes> {
  type Told = Pick<
    StartedKubernetes,
    'version' | 'url' | 'kubeconfig' | 'operatorKubeconfig' | 'kubeconfigs' | 'caFile' | 'kubectl' | 'logs'
  >;
  const { told, call, stop } = await startProgram<Told>('kubernetes', options);
  return {
    ...told,
    apiserver: faults(call, 'apiserver.'),
    etcd: faults(call, 'etcd.'),
    controllers: faults(call, 'controllers.'),
    scheduler: faults(call, 'scheduler.'),
    kwok: faults(call, 'kwok.'),
    revoke: (user) => call('revoke', user),
    stop,
  };
}

type Call = (method: string, ...args: unknown[]) => Promise<void>;

function faults(call: Call, prefix: string): Faults {
  return {
    kill: () => call(`${prefix}kill`),
    pause: () => call(`${prefix}pause`),
    resume: () => call(`${prefix}resume`),
    restart: () => call(`${prefix}restart`),
  };
}

/** The protocol is described in as-program.mjs. */
async function startProgram<Told>(name: string, options: object) {
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
      const settle = (error?: Error): void => {
        child.off('message', hear).off('exit', ended);
        child.channel?.unref();
        if (error) reject(error);
        else resolve();
      };
      const hear = (answer: { id: number; error?: string }): void => {
        if (answer.id === id) settle(answer.error === undefined ? undefined : new Error(answer.error));
      };
      const ended = (): void => settle(new Error(`the process of ${name} has ended`));
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
