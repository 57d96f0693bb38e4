// npm test: installs what is missing, builds, and runs every suite whose server is there; arguments go to jest.
// With REQUIRE_EVERY_SUITE=1 or CI=true a suite whose server is missing fails.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, requirePrograms, root } from './setup/install.mjs';
import { SUITES, lackingServers, resultTable } from './setup/suites.mjs';

const everySuite = process.env.CI === 'true' || Boolean(process.env.REQUIRE_EVERY_SUITE);
const given = process.argv.slice(2);

requirePrograms();
install();
build();

const folder = mkdtempSync(join(tmpdir(), 'waybill-test-'));
const results = [];
for (const suite of SUITES) {
  console.error(`\n— ${suite.name}`);
  const lacking = await lackingServers(suite);
  results.push({ suite, lacking, ...(lacking.length > 0 ? absent() : runSuite(suite)) });
}
rmSync(folder, { recursive: true });

const total = (what) => results.reduce((sum, result) => sum + result[what], 0);
console.log(`\n${resultTable(results)}`);
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
// Of a pattern that is given here most suites have nothing.
const nothing = given.length > 0 && total('passed') + total('failed') === 0;
if (nothing) console.error(`No test matches ${given.join(' ')}.`);
process.exit(nothing || total('failed') > 0 ? 1 : 0);

function absent() {
  return everySuite
    ? { state: 'missing', passed: 0, failed: 1, skipped: 0 }
    : { state: 'skipped', passed: 0, failed: 0, skipped: 1 };
}

function runSuite({ config }) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const jest = ['node_modules/jest/bin/jest.js', '--config', config, '--json', '--outputFile', report];
  // A git or a server that a suite left to end by itself must not hold the run up.
  jest.push('--forceExit');
  if (given.length > 0) jest.push('--passWithNoTests');
  const { status } = spawnSync(process.execPath, [...jest, ...given], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const broken = status !== 0 && failed === 0;
    return {
      state: broken ? 'broken' : 'ran',
      passed: result.numPassedTests,
      failed: broken ? 1 : failed,
      skipped: result.numPendingTests,
    };
  } catch {
    return { state: 'broken', passed: 0, failed: 1, skipped: 0 };
  }
}
