// A server as a process of its own. Its options:
//   --until <pid>        ends when that process is gone, also by kill -9
//   --announce <folder>  writes `{"url": …}` or `{"error": …}` to <program>.json there, and removes the folder at the end;
//                        without it prints it as one line
// It also ends on SIGTERM, on Ctrl-C, and when its IPC channel closes. Over that channel it takes
// `{ id, call, args }` and answers `{ id, result }` or `{ id, error }`; a call is the path of a method, such as
// `apiserver.restart`.
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from './processes.mjs';

/** Options of parseArgs for what is described above. */
export const PROGRAM_OPTIONS = { until: { type: 'string' }, announce: { type: 'string' } };

/**
 * @param {string} name
 * @param {() => Promise<{ stop: () => Promise<void> }>} start
 * @param {{ until?: string, announce?: string }} options
 */
export async function runAsProgram(name, start, { until, announce }) {
  const tell = (what) => {
    if (announce !== undefined) return announceOnce(join(announce, `${name}.json`), what);
    console.log(JSON.stringify(what));
    return true;
  };
  // A signal during the start: what is there then goes with this process, see keeper.sh.
  let stop = async () => process.exit(1);
  let stopping;
  const end = () => (stopping ??= stop());
  process.on('SIGTERM', end).on('SIGINT', end).on('disconnect', end);
  if (until !== undefined) setInterval(() => isRunning(Number(until)) || void end(), 500).unref();
  let server;
  try {
    server = await start();
  } catch (error) {
    tell({ error: error.message });
    process.exit(1);
  }
  stop = async () => {
    await server.stop();
    if (announce !== undefined) rmSync(announce, { recursive: true, force: true });
    process.exit(0);
  };
  process.on('message', async ({ id, call, args = [] }) => {
    try {
      process.send({ id, result: (await invoke(server, call, args)) ?? null });
    } catch (error) {
      process.send({ id, error: error.message });
    }
  });
  // Nothing else may keep a process alive that waits for its end.
  setInterval(() => undefined, 2 ** 30);
  if (tell({ ...described(server), owner: process.pid })) return;
  await server.stop();
  process.exit(0);
}

/** False when another process was first: of two that are started at once only one goes on. */
function announceOnce(file, what) {
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, JSON.stringify(what), { mode: 0o600 });
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(whole);
  }
}

/** What of a server is data. */
function described(server) {
  return Object.fromEntries(Object.entries(server).filter(([, value]) => isData(value)));
}

function isData(value) {
  if (typeof value === 'function') return false;
  return typeof value !== 'object' || Object.values(value).every(isData);
}

function invoke(server, call, args) {
  const names = call.split('.');
  const method = names.pop();
  const owner = names.reduce((object, name) => object[name], server);
  if (typeof owner?.[method] !== 'function') throw new Error(`there is no ${call}`);
  return owner[method](...args);
}
