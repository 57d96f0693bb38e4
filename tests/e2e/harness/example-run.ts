import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type LedgerProcess, plainEnvironment, ROOT } from './ledger-process.js';

export interface ExampleRun {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

/** The reference example as `npm start` runs it, against a ledger that runs already. */
export function startExample(ledger: LedgerProcess, flags: readonly string[] = []): ExampleRun {
  const child = spawn(process.execPath, [join(ROOT, 'tools/example/dist/main.js'), ...flags], {
    cwd: ROOT,
    env: { ...plainEnvironment(), WAYBILL_URL: ledger.url, WAYBILL_DATA: ledger.data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) => {
    child.once('close', (code) => done({ code, out, err }));
  });
  return { child, ended };
}
