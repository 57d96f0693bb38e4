import { tmpdir } from 'node:os';
import { run } from '../main.js';
import type { World } from '../world.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, off a terminal, with a clock that waiting moves on. */
export async function runCli(
  args: readonly string[],
  settings: {
    url?: string;
    env?: Record<string, string>;
    stdin?: string;
    cwd?: string;
    terminal?: boolean;
    answer?: string;
  } = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  let now = Date.parse('2026-11-24T12:00:00.000Z');
  const terminal = settings.terminal === true;
  const world: Omit<World, 'endWith'> = {
    env: { WAYBILL_TOKEN: 'wb_test', ...(settings.url ? { WAYBILL_URL: settings.url } : {}), ...settings.env },
    cwd: settings.cwd ?? tmpdir(),
    out: (text) => (out += text),
    err: (text) => (err += text),
    outIsTerminal: terminal,
    errIsTerminal: terminal,
    inIsTerminal: terminal,
    width: undefined,
    readStdin: () => Promise.resolve(settings.stdin ?? ''),
    stdin: async function* () {
      yield Buffer.from(settings.stdin ?? '');
    },
    outBytes: (bytes) => {
      out += bytes.toString('utf8');
      return Promise.resolve();
    },
    askLine: () => Promise.resolve(settings.answer ?? ''),
    now: () => now,
    wait: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const code = await run(args, world);
  return { code, out, err };
}
