const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { createInterface } = require('node:readline');
const { join } = require('node:path');

/** How a suite is told of a server: the variable it reads, and its value from what the server's program printed. */
const TOLD = {
  postgres: ['DATABASE_URL', ({ url }) => url],
  kafka: ['KAFKA_BROKERS', ({ brokers }) => brokers.join(',')],
  kubernetes: [
    'WAYBILL_TEST_KUBERNETES',
    ({ kubeconfig, operatorKubeconfig, kubeconfigs: { stranger }, kubectl }) =>
      JSON.stringify({ kubeconfig, operatorKubeconfig, strangerKubeconfig: stranger, kubectl }),
  ],
};

/**
 * For jest's globalSetup: starts each server as a process of its own that ends with this one however that ends, and
 * puts its address into the environment of the workers. A variable that is set already names a server to use instead.
 * @param {('postgres' | 'kafka' | 'kubernetes')[]} names
 */
async function startServers(names) {
  globalThis.waybillServers = [];
  await Promise.all(
    names.map(async (name) => {
      const [variable, value] = TOLD[name];
      if (!process.env[variable]) process.env[variable] = value(await startServer(name));
    }),
  );
}

async function startServer(name) {
  const script = join(__dirname, `${name}.mjs`);
  const child = spawn(process.execPath, [script, '--until', String(process.pid)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  globalThis.waybillServers.push(child);
  const told = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  if (told.error) throw new Error(told.error);
  return told;
}

/** For globalTeardown. */
async function stopServers() {
  const running = (globalThis.waybillServers ?? []).filter((child) => child.exitCode === null);
  await Promise.all(
    running.map((child) => {
      child.kill('SIGTERM');
      return once(child, 'exit');
    }),
  );
}

module.exports = { startServers, stopServers };
