import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runWithProgress } from './progress.mjs';
import { MissingServer, requireProgram } from './programs.mjs';
import { GO_VERSION } from './versions.mjs';

/** The user's own flags and modes of Go are not for these builds. */
export const GO_ENVIRONMENT = {
  GOTOOLCHAIN: 'local',
  GOFLAGS: '-mod=mod -buildvcs=false',
  CGO_ENABLED: '0',
  GOWORK: 'off',
};

/** Path of a Go that is new enough; throws the sentence that says what is lacking for `purpose`. */
export function requireGo(purpose) {
  const go = requireProgram('go', purpose);
  const env = { ...process.env, ...GO_ENVIRONMENT };
  const { stdout } = spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8', env });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout) ?? [];
  const [wantedMajor, wantedMinor] = GO_VERSION.split('.').map(Number);
  if (Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor)) return go;
  throw new MissingServer(`${purpose} needs Go ${GO_VERSION} or newer, and ${go} is ${stdout.trim()}`);
}

/**
 * Builds programs of others into `bin` of the folder, from a module of our own whose only purpose that is.
 * @param {string} go path of the program
 * @param {string} folder
 * @param {{ module: string, flags?: string, packages: string[], what: string, expected: string,
 *   say: (sentence: string) => void }} build `module`: the text of its go.mod; `flags`: the linker's
 */
export async function goBuild(go, folder, { module, flags = '-s -w', packages, what, expected, say }) {
  const work = join(folder, 'module');
  const bin = join(folder, 'bin');
  mkdirSync(work);
  mkdirSync(bin);
  writeFileSync(join(work, 'go.mod'), module);
  const env = { ...process.env, ...GO_ENVIRONMENT };
  const build = ['build', '-trimpath', '-ldflags', flags, '-o', `${bin}/`, ...packages];
  await runWithProgress(say, what, expected, go, build, { cwd: work, env });
  rmSync(work, { recursive: true });
}
