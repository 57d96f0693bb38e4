// Child processes that never outlive the process that started them.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const KEEPER = fileURLToPath(new URL('keeper.sh', import.meta.url));
const TAIL = 2000;

/** A shell that kills what it was told of, and removes the folder, once this process is gone: also by kill -9. */
export function startKeeper(folder) {
  const child = spawn('sh', [KEEPER, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  child.stdin.unref?.();
  child.stdin.on('error', () => undefined);
  return {
    watch: (pid) => child.stdin.write(`watch ${pid}\n`),
    forget: (pid) => child.stdin.write(`forget ${pid}\n`),
    /** Has it kill and remove now. */
    async end() {
      const ended = new Promise((done) => child.once('exit', done));
      child.ref();
      child.stdin.end();
      if (child.exitCode === null) await ended;
    },
  };
}

/**
 * One program of a server, which can be killed, paused and started again as it was.
 * @param {{ name: string, program: string, args: string[], folder: string, keeper: ReturnType<typeof startKeeper>,
 *   env?: NodeJS.ProcessEnv, patienceMs?: number, ready: (signal: AbortSignal) => Promise<boolean> }} options `folder` gets `<name>.log`;
 *   `patienceMs`: how long an orderly end may take before it is killed; `ready` is asked until it is true
 */
export function supervise({ name, program, args, folder, keeper, env = process.env, patienceMs = 10_000, ready }) {
  const log = join(folder, `${name}.log`);
  let command = { program, args };
  let child;
  let ended = Promise.resolve();

  const start = async ({ timeoutMs = 60_000 } = {}) => {
    const output = openSync(log, 'a');
    child = spawn(command.program, command.args, { cwd: folder, env, stdio: ['ignore', output, output] });
    closeSync(output);
    const { pid } = child;
    if (pid !== undefined) keeper.watch(pid);
    let gone = false;
    ended = new Promise((done) => {
      const end = () => {
        gone = true;
        if (pid !== undefined) keeper.forget(pid);
        done();
      };
      child.once('exit', end).once('error', end);
    });
    const deadline = Date.now() + timeoutMs;
    while (!(await ready(AbortSignal.timeout(1000)).catch(() => false))) {
      if (gone) throw new Error(`${name} ended before it was ready: ${tail(log)}`);
      if (Date.now() > deadline) throw new Error(`${name} is not ready after ${timeoutMs / 1000} s: ${tail(log)}`);
      await delay(30);
    }
  };
  const kill = async (signal = 'SIGKILL') => {
    child?.kill(signal);
    await ended;
  };
  return {
    name,
    log,
    get pid() {
      return child?.pid;
    },
    start,
    kill,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    /** What is started from the next start on, such as another version of the same. */
    become: (next) => void (command = next),
    /** Ends it in good order when it still runs, and starts it with the same flags, port and data. */
    async restart() {
      child?.kill('SIGCONT');
      const patience = setTimeout(() => child?.kill('SIGKILL'), patienceMs);
      await kill('SIGTERM');
      clearTimeout(patience);
      await start();
    },
  };
}

function tail(log) {
  const text = readFileSync(log, 'utf8').trim();
  return text ? text.slice(-TAIL) : 'it said nothing';
}

export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** A folder for data that only this user reads: the given one, which must be empty or absent, or a temporary one. */
export function dataFolder(name, folder) {
  if (folder === undefined) return mkdtempSync(join(tmpdir(), `waybill-${name}-`));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty: ${name} removes its folder at the end`);
  return folder;
}
