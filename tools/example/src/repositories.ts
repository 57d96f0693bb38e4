import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { CONFIG } from './config-repository.js';
import { type Branch, fastImportStream, type Tag } from './fast-import.js';
import { type Delivery, deliveryPath, LOCATIONS } from './places.js';
import { SERVICE } from './service-repository.js';

export interface Repositories {
  readonly service: string;
  readonly config: string;
}

/** Makes the sample repositories that are not there yet. What is there is left alone: people edit it. */
export function makeRepositories(folder: string, delivery: Delivery = 'git'): Repositories {
  const service = join(folder, 'service');
  const config = join(folder, 'config');
  makeRepository(service, 'dev', SERVICE.branches, SERVICE.tags);
  makeRepository(config, 'main', CONFIG, []);
  if (delivery !== 'git') return { service, config };
  mkdirSync(join(folder, 'deliveries'), { recursive: true });
  for (const location of LOCATIONS) {
    inOneGo(deliveryPath(folder, location), (path) =>
      git(path, ['init', '--quiet', '--bare', '--initial-branch=main', '.']),
    );
  }
  return { service, config };
}

function makeRepository(path: string, checkedOut: string, branches: readonly Branch[], tags: readonly Tag[]): void {
  inOneGo(path, (folder) => {
    git(folder, ['init', '--quiet', `--initial-branch=${checkedOut}`, '.']);
    git(folder, ['fast-import', '--quiet', '--done'], fastImportStream(branches, tags));
    git(folder, ['reset', '--quiet', '--hard']);
  });
}

/** Makes a folder beside its place and moves it there: a process that is killed leaves it whole or not at all. */
function inOneGo(path: string, make: (folder: string) => void): void {
  if (existsSync(path)) return;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  make(unfinished);
  renameSync(unfinished, path);
}

/** Id of the commit a ref of a repository names. */
export function commitOf(repository: string, ref: string): string {
  return git(repository, ['rev-parse', '--verify', `${ref}^{commit}`]).trim();
}

/** Runs git without the user's own settings: signing, hooks or templates would change the commit ids. */
function git(folder: string, args: string[], input = ''): string {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TEMPLATE_DIR: '',
    LC_ALL: 'C',
  };
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) delete (env as NodeJS.ProcessEnv)[name];
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: folder, env, input, encoding: 'utf8' });
  if (error) throw new Error(`git could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`git ${args[0]} in ${folder}: ${stderr.trim()}`);
  return stdout;
}
