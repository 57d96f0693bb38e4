// npm run bench [-- name…]: runs the benchmarks in tests/bench and says which goals are met.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { build, install, requirePrograms, root } from './setup/install.mjs';

requirePrograms();
install();
build();

const all = readdirSync(`${root}/tests/bench`)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  process.exit(2);
}

const met = [];
const missed = [];
const skipped = [];
for (const name of wanted.length > 0 ? wanted : all) {
  const { status, stdout } = spawnSync(process.execPath, [`tests/bench/${name}.bench.mjs`], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  const line = /^bench (\S+) ratio=(\S+) better=(\S+) goal=(\S+)/m.exec(stdout);
  if (status === 0 && !line && stdout.startsWith(`bench ${name} skipped,`)) {
    skipped.push(name);
    continue;
  }
  const good = status === 0 && line && (line[3] === 'lower' ? +line[2] <= +line[4] : +line[2] >= +line[4]);
  (good ? met : missed).push(name);
}
console.log(`goals met: ${met.join(', ') || 'none'}\ngoals missed: ${missed.join(', ') || 'none'}`);
if (skipped.length > 0) console.log(`skipped: ${skipped.join(', ')}`);
process.exit(missed.length > 0 ? 1 : 0);
