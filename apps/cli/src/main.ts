import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describeError, EXIT, exitCodeOf, LedgerError } from './exit.js';
import { runProgram } from './program.js';
import type { World } from './world.js';

/** Runs one command line in a world and gives its exit code. Errors become words on stderr, never a stack trace. */
export async function run(args: readonly string[], world: Omit<World, 'endWith'>): Promise<number> {
  let code: number = EXIT.ok;
  try {
    const ended = await runProgram(args, { ...world, endWith: (value) => (code = value) });
    return ended ?? code;
  } catch (error) {
    world.err(describeError(error));
    return error instanceof LedgerError ? exitCodeOf(error.code) : EXIT.failed;
  }
}

/** The `waybill` program: the real world, and an exit code that lets stdout drain first. */
export function main(): void {
  process.on('SIGINT', () => process.exit(EXIT.usage));
  // `waybill … | head` closes the pipe early: that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  const world = {
    env: process.env,
    cwd: process.cwd(),
    out: (text: string) => void process.stdout.write(text),
    err: (text: string) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    inIsTerminal: process.stdin.isTTY === true,
    width: process.stdout.columns,
    readStdin,
    stdin: () => process.stdin,
    outBytes,
    askLine,
    now: () => Date.now(),
    wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  void run(process.argv.slice(2), world).then((code) => {
    process.exitCode = code;
  });
}

async function outBytes(bytes: Buffer): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

async function askLine(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((resolve) => lines.question(question, resolve));
  } finally {
    lines.close();
  }
}
