// Servers that go on in the background until they are stopped, for trying things.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache.mjs';
import { isRunning } from './processes.mjs';

const LOOK_EVERY_MS = 100;
const STOP_TIMEOUT_MS = 20_000;

/** What of a server was announced, and its process `owner`; undefined when none runs. Clears up after a killed one. */
export function runningServer(name) {
  const folder = stateFolder(name);
  const state = announced(folder);
  if (!state) return undefined;
  if (isServer(state.owner, folder)) return state;
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

/**
 * Starts it unless it runs; resolves with what it announces.
 * @param {string} name
 * @param {{ program?: string, options?: object }} how the module that starts it, if not of the same name
 */
export async function startInBackground(name, { program = name, options }) {
  const running = runningServer(name);
  if (running) return running;
  const folder = stateFolder(name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = openSync(join(folder, `${name}.log`), 'a');
  const script = fileURLToPath(new URL(`${program}.mjs`, import.meta.url));
  const args = ['--announce', folder, ...(options ? ['--options', JSON.stringify(options)] : [])];
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let gone = false;
  child.once('exit', () => (gone = true));
  for (;;) {
    const told = announced(folder);
    if (told?.error) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(told.error);
    }
    if (told) return told;
    if (gone) throw new Error(`${name} ended before it was ready: see ${join(folder, `${name}.log`)}`);
    await delay(LOOK_EVERY_MS);
  }
}

/** True when one ran. */
export async function stopInBackground(name) {
  const state = runningServer(name);
  if (!state) return false;
  process.kill(state.owner, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isServer(state.owner, stateFolder(name))) {
    // Its keeper then ends what it has started.
    if (Date.now() > deadline) process.kill(state.owner, 'SIGKILL');
    await delay(LOOK_EVERY_MS);
  }
  rmSync(stateFolder(name), { recursive: true, force: true });
  return true;
}

function stateFolder(name) {
  return join(cacheFolder(), 'running', name);
}

/** Undefined until it has said something; the file is named after its program. */
function announced(folder) {
  try {
    const file = readdirSync(folder).find((entry) => entry.endsWith('.json'));
    return file && JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch {
    return undefined;
  }
}

/** A number is given to another process some time after the one that had it is gone. */
function isServer(pid, folder) {
  if (!pid || !isRunning(pid)) return false;
  const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes(`--announce ${folder}`);
}
