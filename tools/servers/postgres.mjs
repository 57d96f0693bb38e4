// A PostgreSQL of its own for tests and benchmarks: a new cluster in a temporary folder that goes when it ends.
// As a program: see as-program.mjs; `--find` only says by its exit code whether there is a PostgreSQL to start.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PROGRAM_OPTIONS, runAsProgram } from './as-program.mjs';
import { dataFolder, freePorts, startKeeper } from './processes.mjs';
import { MissingServer, isProgram } from './programs.mjs';

/** Debian keeps the programs off the PATH. */
const DEBIAN = '/usr/lib/postgresql';

export const NO_POSTGRES =
  'no PostgreSQL is installed (Debian: apt-get install postgresql): there is no initdb on the PATH, POSTGRES_BIN does not name its folder, and DATABASE_URL is not set';

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

/**
 * Starts a server on a free port of 127.0.0.1. Rejects with PostgreSQL's own words when it does not start.
 * @param {{ settings?: Record<string, string> }} [options] more lines of postgresql.conf
 * @returns {Promise<{ url: string, pid: number, stop: () => Promise<void> }>}
 */
export async function startPostgres({ settings = {} } = {}) {
  const bin = findPostgres();
  if (!bin) throw new MissingServer(NO_POSTGRES);
  const folder = dataFolder('postgres');
  // Before there is anything that could be left behind.
  const keeper = startKeeper(folder);
  const user = unprivileged();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const as = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  const initdb = ['-D', data, '-U', 'waybill', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(bin, 'initdb'), initdb, { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
  const [port] = await freePorts(1);
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
  keeper.watch(child.pid);
  try {
    await ready(child, ended);
  } catch (error) {
    await keeper.end();
    throw error;
  }
  return {
    url: `postgres://waybill@127.0.0.1:${port}/postgres`,
    pid: child.pid,
    async stop() {
      // Fast shutdown: sessions that are still open are ended.
      child.kill('SIGINT');
      await ended;
      keeper.forget(child.pid);
      await keeper.end();
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
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
  const { values } = parseArgs({ options: { ...PROGRAM_OPTIONS, find: { type: 'boolean' } } });
  if (values.find) process.exit(findPostgres() ? 0 : 1);
  // Tests kill clients, never this machine.
  await runAsProgram('postgres', () => startPostgres({ settings: { fsync: 'off' } }), values);
}
