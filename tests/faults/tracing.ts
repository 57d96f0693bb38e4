import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cannotRun } from './counting.js';

const PROGRAM = `${__dirname}/programs/append.cjs`;

/** `strace` watches a program's system calls, and can make one of them fail or kill the program at it. */
export const hasStrace = spawnSync('strace', ['--version']).status === 0;

/** Stands in for what cannot be run. */
export const withoutStrace = (what: string): void => cannotRun(what, 'there is no strace (the package of that name)');

export interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the program said. */
  readonly lines: readonly string[];
}

/** Runs programs/append.cjs under strace with some batches a stream. */
export async function traced(
  file: string,
  { options, batches, env = {} }: { options: readonly string[]; batches: number; env?: Record<string, string> },
): Promise<Run> {
  const child = spawn('strace', ['-f', '-qq', ...options, process.execPath, PROGRAM, file, String(batches)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  const exited = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('exit', (code, signal) => resolve([code, signal])),
  );
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const [code, signal] = await exited;
  return { code, signal, lines };
}
