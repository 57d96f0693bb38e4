// npm test: installs what is missing, builds, and runs every suite; arguments go to jest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, requirePrograms, root } from './setup/install.mjs';

const SUITES = [
  { name: 'unit and contract', config: 'jest.config.cjs' },
  { name: 'end to end', config: 'tests/e2e/jest.config.cjs' },
  { name: 'end to end on EventStoreDB', config: 'tests/eventstoredb/e2e.config.cjs' },
  { name: 'end to end on PostgreSQL', config: 'tests/postgres/e2e.config.cjs' },
];

requirePrograms();
install();
build();

const folder = mkdtempSync(join(tmpdir(), 'waybill-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
let broken = false;
for (const [index, suite] of SUITES.entries()) {
  const report = join(folder, `${index}.json`);
  const jest = ['node_modules/jest/bin/jest.js', '--config', suite.config, '--json', '--outputFile', report];
  // A git or a server that a suite left to end by itself must not hold the run up.
  jest.push('--forceExit');
  console.error(`\n— ${suite.name}`);
  const { status } = spawnSync(process.execPath, [...jest, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) broken = true;
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    totals.skipped += result.numPendingTests;
  } catch {
    broken = true;
  }
}
rmSync(folder, { recursive: true });
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(broken || totals.failed > 0 ? 1 : 0);
