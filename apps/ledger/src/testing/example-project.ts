import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunningLedger } from './running-ledger.js';

const GIT = ['-c', 'user.name=Dev', '-c', 'user.email=dev@example.test', '-c', 'init.defaultBranch=main'];

export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', [...GIT, ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

/** A repository with the given files in one commit; returns its path. */
export function makeRepository(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet');
  commitFiles(folder, files);
  return folder;
}

export function commitFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'Change the configuration');
}

export const IMAGE = {
  kind: 'image',
  image: 'registry.example/shop',
  digest: `sha256:${'a'.repeat(64)}`,
};
export const COMMIT = 'c'.repeat(40);

/** Locations, resources, project `shop` with the metadata of all roles and the gitflow rules. */
export async function setUpShop(ledger: RunningLedger): Promise<void> {
  const config = makeRepository(join(ledger.folder, 'repositories', 'config'), {
    'shop/dev/waybill.yaml': 'replicas: 1\n',
    'shop/feature/waybill.yaml': 'replicas: 1\n',
  });
  for (const location of ['dev', 'feature', 'release', 'lt', 'prod1', 'prod2']) {
    const repository = join(ledger.folder, 'repositories', `${location}.git`);
    git(ledger.folder, 'init', '--quiet', '--bare', repository);
    await done(ledger, 'mutation ($input: LocationInput!) { onboardLocation(input: $input) { position } }', {
      key: location,
      delivery: { kind: 'git', repository, branch: 'main' },
    });
    for (const kind of ['kubernetes', 'istio']) {
      await done(ledger, 'mutation ($input: ResourceInput!) { onboardResource(input: $input) { position } }', {
        key: `${kind}-${location}`,
        location,
        parameters: { namespace: 'shop' },
      });
    }
  }
  await done(ledger, 'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { position } }', {
    key: 'Shop',
    name: 'The shop',
  });
  const submit = 'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }';
  await done(ledger, submit, {
    project: 'shop',
    section: 'DEVELOPER',
    metadata: {
      sourceRepository: 'https://git.example/shop.git',
      deliverable: { kind: 'image', repository: 'registry.example/shop' },
      ports: [{ name: 'http', port: 8080 }],
      config: { repository: config },
    },
  });
  await done(ledger, submit, {
    project: 'shop',
    section: 'BUSINESS',
    metadata: { owner: 'olga', productLine: 'retail', approvers: ['anna', 'olga'] },
  });
  await done(ledger, submit, {
    project: 'shop',
    section: 'DEVOPS',
    metadata: { quotas: { maxReplicas: 5 } },
  });
  await done(ledger, 'mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
    project: 'shop',
    preset: 'gitflow',
  });
}

/** Asks a mutation with one input; fails the test when it is refused. Returns the data. */
export async function done<Data = Readonly<Record<string, unknown>>>(
  ledger: RunningLedger,
  mutation: string,
  input: Record<string, unknown>,
  token?: string,
): Promise<Data> {
  const { data, errors } = await ledger.ask(mutation, {
    variables: { input },
    ...(token === undefined ? {} : { token }),
  });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Data;
}

const RELEASE = 'mutation ($input: RequestReleaseInput!) { requestRelease(input: $input) { release { id } } }';

export async function requestRelease(ledger: RunningLedger, input: Record<string, unknown>): Promise<string> {
  const data = await done<{ requestRelease: { release: { id: string } } }>(ledger, RELEASE, {
    project: 'shop',
    commit: COMMIT,
    deliverable: IMAGE,
    ...input,
  });
  return data.requestRelease.release.id;
}
