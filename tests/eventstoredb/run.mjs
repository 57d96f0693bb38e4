// npm run test:eventstoredb: holds a real EventStoreDB or KurrentDB to the contracts; arguments go to jest.
import { run } from '../../tools/setup/install.mjs';

if (!process.env.EVENTSTOREDB_URL) {
  console.log('Nothing was tested: set EVENTSTOREDB_URL, such as esdb://localhost:2113?tls=false, to name a server.');
} else {
  const jest = ['node_modules/jest/bin/jest.js', '--config', 'tests/eventstoredb/jest.config.cjs'];
  run(process.execPath, [...jest, '--runInBand', ...process.argv.slice(2)]);
}
