import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the package is installed when the system has none: outside the checkout, once for all of them. */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'waybill', 'python');

const works = (python: string): boolean =>
  spawnSync(python, ['-c', 'import cryptography'], { stdio: 'ignore' }).status === 0;

/**
 * A Python 3 that has the package `cryptography`, installing it into a folder of its own when need be; undefined when
 * there is none and none can be made.
 */
export function pythonWithCryptography(): string | undefined {
  if (works('python3')) return 'python3';
  const python = join(CACHE, 'bin', 'python3');
  if (existsSync(python) && works(python)) return python;
  try {
    mkdirSync(CACHE, { recursive: true });
    execFileSync('python3', ['-m', 'venv', CACHE], { stdio: 'ignore' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'cryptography'], { stdio: 'ignore', timeout: 120_000 });
  } catch {
    return undefined;
  }
  return works(python) ? python : undefined;
}
