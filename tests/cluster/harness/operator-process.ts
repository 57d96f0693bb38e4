import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { plainEnvironment, ROOT } from '../../e2e/harness/ledger-process.js';

const OPERATOR = join(ROOT, 'apps/operator/dist/main.js');
/** An operator must not outlive a test run that was killed. */
const END_WITH_PARENT = pathToFileURL(join(ROOT, 'tools/setup/end-with-parent.mjs')).href;
const READY = /^waybill operator of \S+ listening on (http\S+)/;

export interface OperatorProcess {
  readonly url: string;
  /** What it has printed. */
  readonly lines: readonly string[];
  /** Asks it to end; gives its exit code. */
  stop(): Promise<number | null>;
  /** kill -9 and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: its connections stay open and nothing is said. */
  pause(): void;
  resume(): void;
}

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts the built operator; rejects with its words when it ends before it listens. */
export async function startOperator(env: Record<string, string>): Promise<OperatorProcess> {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, OPERATOR], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...plainEnvironment(), WAYBILL_LISTEN: '127.0.0.1:0', ...env },
  });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('the operator has no output to read');
  running.add(child);
  const lines: string[] = [];
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      running.delete(child);
      done(code);
    });
  });
  createInterface({ input: stderr }).on('line', (line) => lines.push(line));
  const ready = new Promise<string>((done) => {
    createInterface({ input: stdout }).on('line', (line) => {
      lines.push(line);
      const url = READY.exec(line)?.[1];
      if (url) done(url);
    });
  });
  const url = await Promise.race([
    ready,
    ended.then((code) => {
      throw new Error(`the operator ended with code ${code} before it listened: ${lines.join('\n')}`);
    }),
  ]);
  return {
    url,
    lines,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}
