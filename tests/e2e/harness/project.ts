import type { Client } from '@waybill/example';
import { join } from 'node:path';
import { type Files, makeRepository } from './git.js';
import type { Kit } from './kit.js';

export const PLAIN = 'replicas: 1\ncpu: 100m\nmemory: 64Mi\n';

export const developerSection = (configRepository: string) => ({
  sourceRepository: 'https://git.example.test/shop.git',
  deliverable: { kind: 'image', repository: 'registry.example/shop' },
  ports: [{ name: 'http', port: 8080, protocol: 'http' }],
  config: { repository: configRepository, branch: 'main' },
});

export const businessSection = (more: object = {}) => ({
  owner: 'bob',
  productLine: 'Shop',
  domains: ['{slot}.shop.example'],
  approvers: ['bob', 'carol'],
  ...more,
});

export const devopsSection = { quotas: { maxReplicas: 5 } };

/** Branch dev goes to dev; any other named rule is given whole. */
export const devRule = (more: object = {}) => ({
  name: 'dev',
  branch: '^dev$',
  resources: ['kubernetes-dev', 'istio-dev'],
  tier: 'dev',
  ...more,
});

export interface ProjectOptions {
  readonly rules?: readonly object[];
  readonly preset?: string;
  readonly files?: Files;
  readonly business?: object | null;
  readonly developer?: null;
  readonly devops?: null;
}

/** A project with everything it needs, unless a section is null. Gives its config repository. */
export async function givenProject(
  kit: Pick<Kit, 'admin' | 'folder'>,
  key: string,
  options: ProjectOptions = {},
): Promise<string> {
  const config = makeRepository(
    join(kit.folder, `${key}-config`),
    options.files ?? { [`${key}/dev/waybill.yaml`]: PLAIN },
  );
  const { admin } = kit;
  await admin.ask(`mutation Register($input: RegisterProjectInput!) { registerProject(input: $input) { position } }`, {
    input: { key },
  });
  for (const person of ['alice', 'bob', 'carol']) await givenPerson(admin, person);
  if (options.developer !== null) await submit(admin, key, 'DEVELOPER', developerSection(config));
  if (options.business !== null) await submit(admin, key, 'BUSINESS', businessSection(options.business));
  if (options.devops !== null) await submit(admin, key, 'DEVOPS', devopsSection);
  const rules = options.preset ? { preset: options.preset } : { rules: options.rules ?? [devRule()] };
  await admin.ask(`mutation Rules($input: DefineRulesInput!) { defineRules(input: $input) { position } }`, {
    input: { project: key, ...rules },
  });
  return config;
}

export async function submit(client: Client, project: string, section: string, metadata: object): Promise<void> {
  await client.ask(`mutation Submit($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }`, {
    input: { project, section, metadata },
  });
}

/** A new token of a person with every role a person has, on all projects. */
export async function givenPerson(admin: Client, login: string): Promise<string> {
  return createToken(admin, { roles: ['DEVELOPER', 'BUSINESS', 'DEVOPS'], person: login, name: login });
}

export async function createToken(admin: Client, input: Record<string, unknown>): Promise<string> {
  const { createToken: made } = await admin.ask<{ createToken: { token: string } }>(
    `mutation Token($input: CreateTokenInput!) { createToken(input: $input) { token position } }`,
    { input },
  );
  return made.token;
}
