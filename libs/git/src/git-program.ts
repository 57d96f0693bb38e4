import { type ChildProcess, spawn, type SpawnOptionsWithoutStdio } from 'node:child_process';
import { Socket } from 'node:net';
import { devNull } from 'node:os';
import { RetryableError, WaybillError } from '@waybill/kernel';

export interface GitOptions {
  /** Folder to run in; with `gitDir` it hardly ever matters. */
  readonly cwd?: string;
  /** The repository's Git directory. Given explicitly, Git neither searches for one nor asks who owns it. */
  readonly gitDir?: string;
  readonly input?: string | Buffer;
  /** Milliseconds after which Git is killed; 60,000 when not given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Exit codes that are an answer rather than a failure; only 0 when not given. */
  readonly accept?: readonly number[];
  /** What errors call the repository when its Git directory is not what people know it by: the URL of a remote. */
  readonly name?: string;
  /** True for fetch and push: the person's own Git configuration (credentials, proxies) is then respected. */
  readonly remote?: boolean;
}

export interface GitOutput {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly exitCode: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Most bytes a single answer may have: a listing that long is a fault, not data. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Runs Git once, without a shell. Throws `GIT_FAILED` naming the repository and quoting Git, credentials blotted out;
 * a `RetryableError` when the fault may pass (network, lock, timeout). An aborted call rejects with the signal's reason.
 */
export async function runGit(args: readonly string[], options: GitOptions = {}): Promise<GitOutput> {
  options.signal?.throwIfAborted();
  return converse(spawnGit(args, options), args, options);
}

/** The same with a Git that was started before and has waited for its input. */
export async function converse(child: GitChild, args: readonly string[], options: GitOptions): Promise<GitOutput> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS, accept = [0] } = options;
  const stdout = collect(child.stdout, () => kill(child));
  const stderr = collect(child.stderr, () => kill(child));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill(child);
  }, timeoutMs);
  const onAbort = (): void => kill(child);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const exited = exitOf(child);
    child.stdin.end(options.input ?? '');
    const exitCode = await exited;
    signal?.throwIfAborted();
    const words = redact(stderr().toString('utf8').trim());
    if (timedOut) {
      throw new RetryableError('GIT_FAILED', `${describe(args, options)} took longer than ${timeoutMs / 1000} s`, {
        hint: 'See whether the repository can be reached from this machine.',
      });
    }
    if (exitCode === null || !accept.includes(exitCode)) throw gitFailed(args, options, words);
    return { stdout: stdout(), stderr: words, exitCode };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

export type GitChild = ReturnType<typeof spawnGit>;

/** Starts Git in a session of its own, so that its helpers (ssh, remote-https) die with it and cannot ask on a terminal. */
export function spawnGit(args: readonly string[], options: Pick<GitOptions, 'cwd' | 'gitDir' | 'remote'>) {
  const spawnOptions: SpawnOptionsWithoutStdio = {
    env: environment(options.remote === true),
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  };
  const all = options.gitDir === undefined ? [...args] : [`--git-dir=${options.gitDir}`, ...args];
  const child = spawn('git', all, spawnOptions);
  // Git may exit before it has read its input; its exit code tells more than EPIPE does.
  child.stdin.on('error', () => undefined);
  return child;
}

/** Kills Git and what it started. */
export function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Exit code, null when killed. Rejects when Git cannot be started. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'ENOENT'
          ? new WaybillError('CONFIGURATION', 'the program git cannot be started', {
              hint: 'Install Git 2.39 or newer and see that it is on the PATH.',
              cause,
            })
          : new RetryableError('GIT_FAILED', `the program git cannot be started: ${cause.message}`, { cause }),
      );
    });
    child.once('close', (code) => resolve(code));
  });
}

/** A Git that waits for work does not keep its program from ending. */
export function holdProcessAlive(child: GitChild, hold: boolean): void {
  const pipes = [child.stdin, child.stdout, child.stderr].filter((pipe) => pipe instanceof Socket);
  for (const part of [child, ...pipes]) {
    if (hold) part.ref();
    else part.unref();
  }
}

function collect(stream: NodeJS.ReadableStream, overflow: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT_BYTES) overflow();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks);
}

/** Variables that point Git at a repository: set when Waybill runs inside a hook, and never meant for us. */
const REPOSITORY_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_QUARANTINE_PATH',
  'GIT_CEILING_DIRECTORIES',
  'GIT_SHALLOW_FILE',
  'GIT_REPLACE_REF_BASE',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_CONFIG_COUNT',
];

function environment(remote: boolean): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', LANGUAGE: '', GIT_TERMINAL_PROMPT: '0' };
  for (const name of REPOSITORY_VARIABLES) delete env[name];
  // `ext::` and the like run programs named in the URL.
  env['GIT_ALLOW_PROTOCOL'] = 'file:git:http:https:ssh';
  env['GIT_NO_REPLACE_OBJECTS'] = '1';
  // Without a terminal (a session of its own, see spawnGit) ssh would open a window to ask for a password.
  env['SSH_ASKPASS_REQUIRE'] = 'never';
  if (!remote) {
    env['GIT_CONFIG_GLOBAL'] = devNull;
    env['GIT_CONFIG_NOSYSTEM'] = '1';
  }
  return env;
}

/** Faults of the moment, in the words of Git (LC_ALL=C), ssh and curl. */
const PASSING =
  /could not resolve host|connection (timed out|refused|reset|closed)|timed out|temporary failure|early eof|hung up|unable to access .*: (failed to connect|could not|operation|recv|the requested url returned error: (429|5\d\d))|is at [0-9a-f]+ but expected|reference already exists|unable to create '.*\.lock'|resource temporarily unavailable|too many open files/i;

export function gitFailed(args: readonly string[], options: GitOptions, words: string): WaybillError {
  const quoted = words || 'it was killed';
  const message = `${describe(args, options)} failed: ${quoted}`;
  return PASSING.test(words) ? new RetryableError('GIT_FAILED', message) : new WaybillError('GIT_FAILED', message);
}

function describe(args: readonly string[], { name, gitDir, cwd }: GitOptions): string {
  const command = args.find((argument, i) => !argument.startsWith('-') && args[i - 1] !== '-c') ?? '';
  const where = name ?? gitDir ?? cwd;
  return `git ${command}${where === undefined ? '' : ` in ${redact(where)}`}`;
}

/** The text without user names and passwords of URLs. */
export function redact(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, '$1***@');
}
