// A PostgreSQL of its own for tests and benchmarks: a new cluster in a temporary folder that goes when it ends.
//
// As a program:
//   --find               exits with 0 when there is a PostgreSQL to start, with 1 when there is none
//   --until <pid>        ends when that process is gone; without it on SIGTERM or Ctrl-C
//   --announce <folder>  writes `{"url": …}` or `{"error": …}` to postgres.json there, and removes the folder at the
//                        end; without it prints it
import { execFileSync, spawn } from 'node:child_process';
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Debian keeps the programs off the PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** Where `initdb` and `postgres` are: `POSTGRES_BIN`, the PATH, or Debian's newest; undefined when nowhere. */
export function findPostgres(environment = process.env) {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [
    environment.POSTGRES_BIN,
    ...(environment.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ];
  return places.filter(Boolean).find((place) => ['initdb', 'postgres'].every((name) => isProgram(join(place, name))));
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Starts a server on a free port of 127.0.0.1. Rejects with PostgreSQL's own words when it does not start.
 * @param {{ settings?: Record<string, string> }} [options] more lines of postgresql.conf
 * @returns {Promise<{ url: string, pid: number, stop: () => Promise<void> }>}
 */
export async function startPostgres({ settings = {} } = {}) {
  const bin = findPostgres();
  if (!bin) throw new Error('no PostgreSQL is installed: there is no initdb and no POSTGRES_BIN that names its folder');
  const folder = mkdtempSync(join(tmpdir(), 'waybill-postgres-'));
  const user = unprivileged();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const as = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  const initdb = ['-D', data, '-U', 'waybill', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(bin, 'initdb'), initdb, { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await freePort();
  const all = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: 300,
    ...settings,
  };
  const given = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...given], { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((done) => child.once('exit', done));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // A benchmark that fails half-way must leave nothing behind.
  const atExit = () => {
    child.kill('SIGKILL');
    remove();
  };
  process.once('exit', atExit);
  try {
    await ready(child, ended);
  } catch (error) {
    process.removeListener('exit', atExit);
    remove();
    throw error;
  }
  return {
    url: `postgres://waybill@127.0.0.1:${port}/postgres`,
    pid: child.pid,
    async stop() {
      // Fast shutdown: sessions that are still open are ended.
      child.kill('SIGINT');
      await ended;
      process.removeListener('exit', atExit);
      remove();
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

function ready(child, ended) {
  return new Promise((done, fail) => {
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      words = `${words}${text}`.slice(-4000);
      if (text.includes('ready to accept connections')) done();
    });
    void ended.then(() => fail(new Error(`PostgreSQL did not start: ${words}`)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { find: { type: 'boolean' }, until: { type: 'string' }, announce: { type: 'string' } },
  });
  if (values.find) process.exit(findPostgres() ? 0 : 1);
  await serve(values);
}

async function serve({ until, announce }) {
  const tell = (what) => {
    if (announce === undefined) return console.log(JSON.stringify(what));
    const file = join(announce, 'postgres.json');
    writeFileSync(`${file}.new`, JSON.stringify(what));
    renameSync(`${file}.new`, file);
  };
  try {
    // Tests kill clients, never this machine.
    const server = await startPostgres({ settings: { fsync: 'off' } });
    const stop = async () => {
      await server.stop();
      if (announce !== undefined) rmSync(announce, { recursive: true, force: true });
      process.exit(0);
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    if (until !== undefined) setInterval(() => isRunning(Number(until)) || void stop(), 500);
    tell({ url: server.url });
  } catch (error) {
    tell({ error: error.message });
    process.exit(1);
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
