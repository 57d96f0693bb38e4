import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export const ROOT = resolve(__dirname, '../../..');
const MAIN = join(ROOT, 'apps/ledger/dist/main.js');
/** A ledger must not outlive a test run that was killed. */
const END_WITH_PARENT = pathToFileURL(join(ROOT, 'tools/setup/end-with-parent.mjs')).href;
const READY = /^waybill ledger listening on (http\S+)/;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LedgerProcess {
  readonly url: string;
  readonly data: string;
  readonly pid: number;
  readonly adminToken: string;
  /** Asks it to end and waits for that. */
  stop(): Promise<Ended>;
  /** kill -9 and waits until it is gone. */
  kill(): Promise<Ended>;
}

const running = new Set<ChildProcess>();
// A suite that fails half-way must leave no process behind.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts the built ledger on a free port; rejects with its words when it ends before it listens. */
export async function startLedger(data: string, env: Record<string, string> = {}): Promise<LedgerProcess> {
  const { child, ended, ready } = launch(data, env);
  const url = await Promise.race([
    ready,
    ended.then(({ code, stderr }) => {
      throw new Error(`the ledger ended with code ${code} before it listened: ${stderr}`);
    }),
  ]);
  const end = (signal: NodeJS.Signals) => (): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  return {
    url,
    data,
    pid: child.pid ?? 0,
    adminToken: readFileSync(join(data, 'admin-token'), 'utf8').trim(),
    stop: end('SIGTERM'),
    kill: end('SIGKILL'),
  };
}

/** Starts a ledger that is expected to refuse to start; gives how it ended. */
export async function startFailing(data: string, env: Record<string, string> = {}): Promise<Ended> {
  const { child, ended, ready } = launch(data, env);
  return Promise.race([
    ended,
    ready.then((url) => {
      child.kill('SIGKILL');
      throw new Error(`the ledger started at ${url}, though it should not have`);
    }),
  ]);
}

function launch(data: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, MAIN], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...plainEnvironment(),
      WAYBILL_DATA: data,
      WAYBILL_LISTEN: '127.0.0.1:0',
      WAYBILL_EVENT_STORE: eventStoreOf(data),
      WAYBILL_VIEWS: viewsUrl(),
      ...env,
    },
  });
  const { stdout: output, stderr: errors } = child;
  if (!output || !errors) throw new Error('the ledger has no output to read');
  running.add(child);
  let stdout = '';
  let stderr = '';
  errors.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ready = new Promise<string>((done) => {
    createInterface({ input: output }).on('line', (line) => {
      stdout += `${line}\n`;
      const match = READY.exec(line);
      if (match?.[1]) done(match[1]);
    });
  });
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      done({ code, signal, stdout, stderr });
    });
  });
  return { child, ended, ready };
}

/**
 * Where the ledger of a data folder keeps its events: SQLite, or the server that E2E_EVENT_STORE names, under a prefix
 * of the folder's own so that many ledgers share it.
 */
export function eventStoreOf(data: string): string {
  const server = process.env['E2E_EVENT_STORE'];
  if (!server) return 'sqlite:';
  const prefix = createHash('sha256').update(data).digest('hex').slice(0, 12);
  return `${server}${server.includes('?') ? '&' : '?'}prefix=e2e-${prefix}.`;
}

/** Where ledgers keep their views: SQLite, or the PostgreSQL that E2E_VIEWS names, which tells ledgers apart by itself. */
export const viewsUrl = (): string => process.env['E2E_VIEWS'] || 'sqlite:';

/** The environment without what would steer the product or git. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(WAYBILL_|CI_|GITHUB_|GITLAB_|JENKINS_|GIT_|BUILD_TAG|JOB_NAME|NODE_OPTIONS)/.test(name),
    ),
  );
}
