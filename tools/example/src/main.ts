import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { shortest } from './account.js';
import { connect, Refusal } from './client.js';
import { runExample } from './run-example.js';

const DEFAULT_URL = 'http://127.0.0.1:7070';

/** `node tools/example/dist/main.js [--cluster]`: uses WAYBILL_URL, WAYBILL_DATA and WAYBILL_TOKEN as the CLI does. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { cluster: { type: 'boolean', default: false } } });
  const cwd = process.cwd();
  const url = (process.env['WAYBILL_URL'] || DEFAULT_URL).replace(/\/$/, '');
  const data = resolve(process.env['WAYBILL_DATA'] || '.waybill');
  const token = process.env['WAYBILL_TOKEN'] || readFileSync(join(data, 'admin-token'), 'utf8').trim();
  const prefix = [
    url === DEFAULT_URL ? '' : `WAYBILL_URL=${url} `,
    data === resolve('.waybill') ? '' : `WAYBILL_DATA=${shortest(cwd, data)} `,
  ].join('');
  await runExample({
    admin: connect(url, token),
    place: { folder: join(data, 'example'), prefix, cwd },
    delivery: values.cluster ? 'cluster' : 'git',
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`The example stopped: ${sentenceOf(error)}\n`);
  process.exitCode = 1;
});

function sentenceOf(error: unknown): string {
  if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error);
  const fields = error.fields.map(({ field, message }) => `${field}: ${message}`);
  return [error.message, ...fields, error.hint ?? ''].filter(Boolean).join('; ');
}
