// The servers of the example, each a process of its own that ends with this one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SERVERS } from '../../servers/catalogue.mjs';

const FOLDER = new URL('../../servers/', import.meta.url);

/** Installs what is missing, and says what it does. */
export async function installServers(say) {
  for (const { title, isInstalled, install } of [SERVERS.kafka, SERVERS.kubernetes]) {
    if (!isInstalled()) await install((sentence) => say(`${title}: ${sentence}`));
  }
}

/**
 * Detached: a Ctrl-C in a terminal reaches every process of its group, and whoever is still working needs its servers
 * until it has ended. Rejects with the server's own words.
 * @param {'kafka' | 'kubernetes'} name
 */
export async function startServer(name) {
  const script = fileURLToPath(new URL(`${name}.mjs`, FOLDER));
  const child = spawn(process.execPath, [script, '--until', String(process.pid)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const told = await Promise.race([
    once(lines, 'line').then(([line]) => JSON.parse(line)),
    once(child, 'exit').then(([code]) => ({ error: `${name} ended with ${code}` })),
  ]);
  if (told.error) throw new Error(told.error);
  return {
    ...told,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
