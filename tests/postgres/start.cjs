const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { join } = require('node:path');

/** Sets E2E_VIEWS to the server of DATABASE_URL, or to one started as a process of its own. */
module.exports = async () => {
  const { DATABASE_URL: server } = process.env;
  process.env.E2E_VIEWS = server || (await startServer());
};

async function startServer() {
  const script = join(__dirname, '../../tools/servers/postgres.mjs');
  const options = ['--until', String(process.pid)];
  const child = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  globalThis.postgresServer = child;
  const { url, error } = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}`)));
  });
  if (error) throw new Error(error);
  return url;
}
