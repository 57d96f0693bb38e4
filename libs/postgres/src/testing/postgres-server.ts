import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SCRIPT = resolve(__dirname, '../../../../tools/servers/postgres.mjs');

/** The jest run: its workers are its child processes. */
const RUN = process.send ? process.ppid : process.pid;
const folder = join(tmpdir(), `waybill-jest-${RUN}`);
const announced = join(folder, 'postgres.json');

/** True in one process of the run, whichever asks first. */
function isFirst(what: string): boolean {
  mkdirSync(folder, { recursive: true });
  try {
    mkdirSync(join(folder, what));
    return true;
  } catch {
    return false;
  }
}

/** Says so once a run when there is no PostgreSQL; in CI that is a failure, which the caller's suite must be. */
export function isPostgresThere(): boolean {
  if (process.env['DATABASE_URL'] || spawnSync(process.execPath, [SCRIPT, '--find']).status === 0) return true;
  if (process.env['CI'] === 'true' || process.env['REQUIRE_EVERY_SUITE']) return true;
  if (isFirst('postgres is absent')) {
    process.stderr.write('PostgreSQL is not here: no suite runs on it. Install it or set DATABASE_URL.\n');
  }
  return false;
}

let url: Promise<string> | undefined;

/** `DATABASE_URL`, or a server that all suites of this run share and that ends with it. */
export function postgresUrl(): Promise<string> {
  return (url ??= process.env['DATABASE_URL'] ? Promise.resolve(process.env['DATABASE_URL']) : sharedServer());
}

async function sharedServer(): Promise<string> {
  if (isFirst('postgres was started')) {
    rmSync(announced, { force: true });
    const options = ['--until', String(RUN), '--announce', folder];
    spawn(process.execPath, [SCRIPT, ...options], { detached: true, stdio: 'ignore' }).unref();
  }
  const told = await announcement();
  if (told.url === undefined) throw new Error(told.error);
  return told.url;
}

function announcement(): Promise<{ url?: string; error?: string }> {
  return new Promise((done) => {
    const watcher = watch(folder, () => look());
    const look = (): void => {
      try {
        done(JSON.parse(readFileSync(announced, 'utf8')) as { url?: string; error?: string });
        watcher.close();
      } catch {
        // Not there yet.
      }
    };
    look();
  });
}
