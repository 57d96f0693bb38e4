import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What npm writes last when it installs: no older than the lock file when everything the lock names is there. */
const INSTALLED = `${root}/node_modules/.package-lock.json`;
const LOCK = `${root}/package-lock.json`;

/** The ABI that native modules were compiled for; absent when somebody else ran npm. */
const ABI_STAMP = `${root}/node_modules/.waybill-abi`;

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
  const abi = process.versions.modules;
  const sameAbi = !existsSync(ABI_STAMP) || readFileSync(ABI_STAMP, 'utf8') === abi;
  if (sameAbi && existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs) return;
  console.error('Installing dependencies (once; one of them is compiled, which takes about a minute) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(ABI_STAMP, abi);
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
