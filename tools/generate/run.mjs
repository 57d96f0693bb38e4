// npm run generate: writes every generated file; with --check writes nothing, names the stale ones and exits 1.
import { root, run } from '../setup/install.mjs';
import { steps } from './steps.mjs';

const check = process.argv.includes('--check');

// Generators read the compiled libs: they must be those of today's sources.
run(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-b', 'libs/channel', 'libs/config', 'libs/operator', 'libs/views'],
  {
    cwd: root,
  },
);

const stale = [];
for (const load of steps) {
  const { generate } = await load();
  stale.push(...(await generate({ check })));
}
if (stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Run npm run generate and commit what it writes.`);
  process.exit(1);
}
