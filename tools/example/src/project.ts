import type { Client } from './client.js';
import { admitPeople, type Login } from './people.js';
import { stepId } from './steps.js';

/** What each role knows about project A. */
const sections = (repositories: { service: string; config: string }) =>
  [
    {
      section: 'DEVELOPER',
      by: 'alice',
      metadata: {
        sourceRepository: repositories.service,
        deliverable: { kind: 'image', repository: 'registry.example/a' },
        ports: [{ name: 'http', port: 8080, protocol: 'http' }],
        healthChecks: {
          readiness: { path: '/readyz', port: 'http' },
          liveness: { path: '/healthz', port: 'http' },
        },
        config: { repository: repositories.config, branch: 'main' },
      },
    },
    {
      section: 'BUSINESS',
      by: 'bob',
      metadata: {
        owner: 'bob',
        productLine: 'Example',
        domains: ['{slot}.a.example'],
        trafficPolicy: { timeoutSeconds: 10, retries: 2 },
        approvers: ['bob'],
        notify: ['alice'],
      },
    },
    {
      section: 'DEVOPS',
      by: 'carol',
      metadata: { quotas: { maxReplicas: 10, cpu: '4', memory: '4Gi' } },
    },
  ] as const;

/** Registers project A, lets in its three people, and each submits what they know; carol also the branch rules. */
export async function registerProject(
  admin: Client,
  ledger: string,
  folder: string,
  repositories: { service: string; config: string },
): Promise<Record<Login, Client>> {
  await admin.ask(
    `mutation Register($input: RegisterProjectInput!) { registerProject(input: $input) { project { key } position } }`,
    { input: { key: 'A', name: 'Project A', commandId: stepId(ledger, 'project a') } },
  );
  const people = await admitPeople(admin, folder);
  for (const { section, by, metadata } of sections(repositories)) {
    await people[by].ask(
      `mutation Submit($input: SubmitMetadataInput!) { submitMetadata(input: $input) { project { key } position } }`,
      { input: { project: 'a', section, metadata, commandId: stepId(ledger, `metadata ${section}`) } },
    );
  }
  await people.carol.ask(
    `mutation Rules($input: DefineRulesInput!) { defineRules(input: $input) { project { key } position } }`,
    { input: { project: 'a', preset: 'gitflow', commandId: stepId(ledger, 'rules gitflow') } },
  );
  return people;
}
