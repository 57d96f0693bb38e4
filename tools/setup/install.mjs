import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const STAMP = `${root}/node_modules/.waybill-lock`;

/** Exits with one sentence unless this Node and git can run Waybill. */
export function requirePrograms() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Waybill needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and try again.`);
  }
  if (spawnSync('git', ['--version']).status !== 0) {
    fail('Waybill needs the git program, which is not on the PATH. Install git and try again.');
  }
}

/** Installs what the lock file names unless that is what is there already. */
export function install() {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}/package-lock.json`))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === `${lock} ${process.version}`) return;
  console.error('Installing dependencies (once; one of them is compiled, which takes about a minute) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(STAMP, `${lock} ${process.version}`);
}

/** Compiles what has changed. */
export function build() {
  console.error('Building …');
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
}

/** Runs a program in the repository's root with its output passed through; exits with its code when it fails. */
export function run(program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) fail(`${program} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
