// The built ledger and operators of the example, as processes that end with this one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../setup/install.mjs';

const STOP_TIMEOUT_MS = 20_000;
const END_WITH_PARENT = new URL('../../setup/end-with-parent.mjs', import.meta.url).href;
const KEPT_LINES = 20;

/** What the user has set for a Waybill of their own is not meant for this one. */
export const plainEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WAYBILL_')));

/**
 * Starts a program of the product and resolves once it says where it listens; rejects with what it said last.
 * @param {string} file such as `apps/ledger/dist/main.js`
 * @param {Record<string, string>} env
 */
export async function startProgram(file, env) {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, join(root, file)], {
    cwd: root,
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said = [];
  const ended = once(child, 'exit').then(([code]) => code);
  const url = await new Promise((resolve, reject) => {
    const hear = (line) => {
      said.push(line);
      if (said.length > KEPT_LINES) said.shift();
      const match = / listening on (http\S+)/.exec(line);
      if (match) resolve(match[1]);
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', hear);
    void ended.then((code) => reject(new Error(`${file} ended with ${code}: ${said.join('\n')}`)));
  });
  return {
    url,
    /** Resolves with its exit code. */
    ended,
    said: () => said.join('\n'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Runs a program of the product to its end with its output passed through; gives its exit code. */
export async function runProgram(file, args, env) {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, join(root, file), ...args], {
    cwd: process.cwd(),
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [code] = await once(child, 'exit');
  return code;
}
