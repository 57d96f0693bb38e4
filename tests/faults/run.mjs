// npm run test:faults: breaks the ledger's files and processes in every way we know; arguments go to jest.
// WAYBILL_FAULTS=long does so hundreds of times. Says at the end how often, and what was lost.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lackingServers } from '../../tools/setup/suites.mjs';
import { build, install, requirePrograms, root } from '../../tools/setup/install.mjs';

requirePrograms();
install();
build();

const folder = mkdtempSync(join(tmpdir(), 'waybill-faults-'));
const counts = join(folder, 'counts');
writeFileSync(counts, '');
const run = (config, ...more) => {
  const jest = ['node_modules/jest/bin/jest.js', '--config', config, '--forceExit', ...more, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, jest, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, WAYBILL_FAULT_COUNTS: counts },
  });
  return status ?? 1;
};
const isRequired = process.env.CI === 'true' || process.env.REQUIRE_EVERY_SUITE !== undefined;
const statuses = [run('tests/faults/jest.config.cjs', '--runInBand', '--passWithNoTests')];
const lacking = await lackingServers({ servers: ['kafka', 'kubernetes'] });
if (lacking.length === 0) {
  statuses.push(run('tests/faults/cluster/jest.config.cjs', '--passWithNoTests'));
  // Those that ask Istio itself.
  const away = await lackingServers({ servers: ['istio-crds', 'istiod'] });
  if (away.length === 0) statuses.push(run('tests/faults/cluster/versions.config.cjs', '--passWithNoTests'));
  else {
    console.error(`faults of rollouts in steps: not run, for there is no ${away.join(' and no ')}`);
    if (isRequired) statuses.push(1);
  }
} else {
  console.error(`faults of the whole product: not run, for there is no ${lacking.join(' and no ')}`);
  if (isRequired) statuses.push(1);
}
process.stdout.write(`\n${readFileSync(counts, 'utf8')}`);
rmSync(folder, { recursive: true });
process.exit(Math.max(...statuses));
