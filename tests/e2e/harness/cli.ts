import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type LedgerProcess, plainEnvironment, ROOT } from './ledger-process.js';

const BIN = join(ROOT, 'apps/cli/bin/waybill.js');

export interface CliRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What stdout holds, parsed. */
  json<T>(): T;
}

export type Cli = (...args: string[]) => Promise<CliRun>;

/** The built `waybill` against a ledger, with a token (the admin's when none is given). */
export function cliOf(ledger: LedgerProcess, token: string = ledger.adminToken, stdin = ''): Cli {
  return (...args) =>
    runWaybill(args, { WAYBILL_URL: ledger.url, WAYBILL_TOKEN: token, WAYBILL_DATA: ledger.data }, stdin);
}

export function runWaybill(
  args: readonly string[],
  env: Record<string, string>,
  stdin = '',
  cwd = ROOT,
): Promise<CliRun> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd, env: { ...plainEnvironment(), ...env } });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.end(stdin);
    child.once('close', (code) => done({ code, out, err, json: <T>() => JSON.parse(out) as T }));
  });
}
