const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { join } = require('node:path');

/** Sets E2E_EVENT_STORE to the real server, or to a double started as a process of its own. */
module.exports = async () => {
  const { EVENTSTOREDB_URL: server } = process.env;
  process.env.E2E_EVENT_STORE = server || (await startDouble());
};

async function startDouble() {
  const main = join(__dirname, '../../tools/eventstoredb-double/dist/main.js');
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
  globalThis.eventStoreDbDouble = child;
  const [url] = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve([line]));
    child.once('exit', (code) => reject(new Error(`the EventStoreDB double ended with ${code}`)));
  });
  return url;
}
