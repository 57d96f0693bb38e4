// npm run test:eventstoredb: holds a real EventStoreDB or KurrentDB to the contracts (arguments go to
// jest), then runs the built product on it.
import { build, install, requirePrograms, run } from '../../tools/setup/install.mjs';

if (!process.env.EVENTSTOREDB_URL) {
  console.log('Nothing was tested: set EVENTSTOREDB_URL, such as esdb://localhost:2113?tls=false, to name a server.');
} else {
  requirePrograms();
  install();
  build();
  const jest = (config) => ['node_modules/jest/bin/jest.js', '--config', `tests/eventstoredb/${config}`];
  run(process.execPath, [...jest('jest.config.cjs'), '--runInBand', ...process.argv.slice(2)]);
  run(process.execPath, jest('e2e.config.cjs'));
}
