// npm run test:faults: breaks the ledger's files and processes in every way we know; arguments go to jest.
// WAYBILL_FAULTS=long does so hundreds of times. Says at the end how often, and what was lost.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, requirePrograms, root } from '../../tools/setup/install.mjs';

requirePrograms();
install();
build();

const folder = mkdtempSync(join(tmpdir(), 'waybill-faults-'));
const counts = join(folder, 'counts');
writeFileSync(counts, '');
const jest = [
  'node_modules/jest/bin/jest.js',
  '--config',
  'tests/faults/jest.config.cjs',
  '--forceExit',
  '--runInBand',
];
const { status } = spawnSync(process.execPath, [...jest, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, WAYBILL_FAULT_COUNTS: counts },
});
process.stdout.write(`\n${readFileSync(counts, 'utf8')}`);
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
