import { describe, expect, it } from '@jest/globals';
import { canonicalText, isWaybillError, parseInput } from '@waybill/kernel';
import fc from 'fast-check';
import type { z } from 'zod';
import { accessInputs } from './access/commands.js';
import { checkpointInputs } from './checkpoint/commands.js';
import { deploymentInputs } from './deployment/commands.js';
import { environmentInputs } from './environment/commands.js';
import { incidentInputs } from './incident/commands.js';
import { ledgerInputs } from './ledger/commands.js';
import { locationInputs } from './location/commands.js';
import { projectInputs } from './project/commands.js';
import { releaseInputs } from './release/commands.js';
import { presetRules } from './rules/presets.js';

const INPUTS: Readonly<Record<string, z.ZodType>> = {
  ...projectInputs,
  ...locationInputs,
  ...releaseInputs,
  ...environmentInputs,
  ...deploymentInputs,
  ...incidentInputs,
  ...accessInputs,
  ...ledgerInputs,
  ...checkpointInputs,
};

const id = '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b';
const git = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const sha = 'ab'.repeat(32);
const environment = { project: 'a', slot: 'dev', location: 'dev' };
const grant = { principal: 'p-1a2b3c4d', role: 'developer', scope: '*' };
const resource = { location: 'dev', resource: 'kubernetes-dev', kind: 'kubernetes', parameters: { namespace: 'shop' } };
const delivery = { kind: 'git', repository: 'https://git.example/dev.git', branch: 'main' };
const key = { keyId: '1f0c2a9b', publicKey: 'waybill.dev/a+1f0c2a9b+AYE5dw6o' };
const note = 'waybill.dev/a\n1\nAA==\nposition 1\n\n— waybill.dev/a LYzNDYAc\n';
const deliverable = { kind: 'image', image: 'registry.example/a:1', digest: `sha256:${sha}` };
const ref = { kind: 'branch', name: 'dev' };

/** One good input for each command: what fuzzing bends. */
const GOOD: Readonly<Record<string, object>> = {
  RegisterProject: { project: 'A', name: 'Project A' },
  SubmitDeveloperMetadata: {
    project: 'a',
    metadata: {
      sourceRepository: 'https://git.example/a.git',
      deliverable: { kind: 'image', repository: 'registry.example/a' },
      ports: [{ name: 'http', port: 8080 }],
      healthChecks: { readiness: { path: '/ready', port: 'http' } },
      config: { repository: 'https://git.example/config.git' },
    },
  },
  SubmitBusinessMetadata: {
    project: 'a',
    metadata: {
      owner: 'p-1a2b3c4d',
      productLine: 'Shop',
      domains: ['{slot}.shop.example'],
      releaseWindow: { timeZone: 'Europe/Berlin', days: ['mon'], from: '09:00', to: '16:00' },
    },
  },
  SubmitDevopsMetadata: {
    project: 'a',
    metadata: { quotas: { maxReplicas: 3, cpu: '500m' }, strategies: { prod: ['canary'] } },
  },
  DefineBranchRules: { project: 'a', preset: 'gitflow', rules: presetRules('gitflow') },
  DeleteBranch: { project: 'a', branch: 'feature-login' },
  OnboardLocation: { location: 'dev', delivery },
  ChangeLocation: { location: 'dev', delivery: { kind: 'cluster' } },
  RetireLocation: { location: 'dev' },
  StartMigration: {
    location: 'prod1',
    to: 'prod3',
    map: { 'kubernetes-prod1': 'kubernetes-prod3' },
    removal: { when: 'after', seconds: 60 },
  },
  StopMigration: { location: 'prod1' },
  ResumeMigration: { location: 'prod1' },
  RequestMigrationRemoval: { location: 'prod1' },
  RevertMigration: { location: 'prod1' },
  BeginMigrationRemoval: { location: 'prod1', migration: 1 },
  CompleteMigration: { location: 'prod1', migration: 1, environments: 3 },
  RedirectLocation: { release: id, location: 'prod1', to: 'prod3' },
  OnboardResource: resource,
  ChangeResource: { ...resource, connection: 'vault/dev' },
  RetireResource: { location: 'dev', resource: 'kubernetes-dev' },
  RecordOperatorConnected: { location: 'dev', epoch: 1, software: 'operator', capabilities: ['apps/v1'] },
  RecordOperatorSilent: { location: 'dev', epoch: 1 },
  RecordOperatorHeard: { location: 'dev', epoch: 1 },
  RecordLocationResynced: {
    location: 'dev',
    epoch: 1,
    digest: sha,
    environments: 3,
    corrected: [{ environment, generation: 1, by: 'recorded' }],
    further: 0,
  },
  RequestRelease: {
    release: id,
    project: 'a',
    ref,
    commit: git,
    deliverable,
    trigger: 'push',
    reuses: null,
    source: { via: 'cli', pipelineId: '1', jobId: null, url: null, attributes: { ticket: 'SHOP-1' } },
  },
  ProvideDeliverable: { release: id, deliverable: { kind: 'rpm', package: 'a', version: '1:1.0-1' } },
  RecordConfigResolved: {
    release: id,
    config: {
      repository: 'https://git.example/config.git',
      directory: 'a/dev',
      fallback: false,
      commit: git,
      digest: git,
      contents: sha,
      committedAt: '2025-10-09T08:53:20.000Z',
      author: null,
    },
  },
  RecordConfigUnresolved: {
    release: id,
    repository: 'https://git.example/config.git',
    directory: null,
    problem: 'missing',
    file: null,
    line: null,
    message: 'a/dev does not exist',
  },
  EvaluateRelease: { release: id },
  ApproveRelease: { release: id },
  RefuseRelease: { release: id, reason: null },
  CancelRelease: { release: id, cause: 'requested', reason: sha },
  ConcludeLocation: { release: id, location: 'dev', generation: 1, outcome: 'delivered', message: null },
  RequestDeployment: {
    environment,
    order: 7,
    release: id,
    ref,
    commit: git,
    deliverable,
    tier: 'dev',
    configDigest: git,
    desired: sha,
  },
  CopyEnvironment: {
    environment,
    order: 7,
    release: id,
    ref,
    commit: git,
    deliverable,
    tier: 'dev',
    configDigest: git,
    desired: sha,
    migratedFrom: { ...environment, location: 'old' },
    migration: 1,
    generation: 3,
    counts: false,
  },
  RefuseCopy: { environment, migration: 1, to: 'prod3', release: id, message: 'no content' },
  CutOverEnvironment: { environment, migration: 1, to: 'prod3', release: id, generation: 1 },
  CutBackEnvironment: { environment, migration: 1, to: 'prod3' },
  RemoveMigratedEnvironment: { environment, migration: 1, release: id },
  RemoveCopy: { environment, migration: 1 },
  RemoveEnvironment: { environment, order: 8, cause: 'branch-deleted' },
  ConfirmRemoval: { environment, generation: 1 },
  DirectRollout: { environment, generation: 2, directive: 'promote', full: false, step: 1 },
  NoticeConfigChange: { environment, directory: 'a/dev', commit: git, digest: git, author: null },
  RecordReport: {
    environment,
    generation: 1,
    release: id,
    epoch: 1,
    seq: 1,
    observation: { phase: 'applied', inventoryHash: sha, commit: git, durationMs: 1.5 },
  },
  OpenIncident: {
    incident: id,
    project: 'a',
    environment,
    openedAt: '2026-11-23T12:00:00.000Z',
    severity: 'critical',
    source: { via: 'alertmanager', key: 'f1b2', url: 'https://alerts.example/f1b2' },
    summary: sha,
  },
  NameIncidentCause: { incident: id, cause: id },
  ResolveIncident: { incident: id, resolvedAt: '2026-11-23T13:00:00.000Z', fixedBy: null },
  CorrectIncident: { incident: id, openedAt: '2026-11-23T11:00:00.000Z', cause: null, dismissed: false, reason: sha },
  GrantAccess: grant,
  RevokeAccess: grant,
  CreateToken: { principal: 'p-1a2b3c4d', token: id, expiresAt: null },
  RevokeToken: { principal: 'p-1a2b3c4d', token: id },
  CreateLedger: { ledger: id },
  IntroduceKey: key,
  RotateKey: { ...key, previousKeyId: '2d8ccd0d', note },
  SignCheckpoint: { treeSize: 1, root: sha, position: '1', keyId: '1f0c2a9b', note },
};

/** Strings that have broken parsers before, beside whatever fast-check thinks of. */
const nasty = fc.constantFrom<unknown>(
  '',
  ' ',
  '\u0000',
  '\ud800',
  '../../etc/passwd',
  '__proto__',
  '-x',
  '$(id)',
  'a'.repeat(10_240),
  `${'a'.repeat(5000)}!`,
  '-'.repeat(5000),
  '1e400',
  -0,
  2 ** 53,
  Number.NaN,
  Infinity,
  null,
  undefined,
  [],
  {},
);
const bent = fc.oneof(nasty, fc.anything({ withNullPrototype: true, withBigInt: true }), fc.jsonValue());

describe.each(Object.entries(INPUTS))('the input of %s', (name, schema) => {
  it('takes a good one', () => {
    expect(schema.safeParse(GOOD[name]).error?.issues).toBeUndefined();
  });

  it('takes anything else without anything but a refusal that names fields', () => {
    fc.assert(
      fc.property(bent, (value) => {
        expectParsedOrRefused(schema, value);
      }),
    );
  });

  it('survives any change to a good one', () => {
    const places = pathsOf(GOOD[name]);
    fc.assert(
      fc.property(fc.constantFrom(...places), bent, (place, value) => {
        expectParsedOrRefused(schema, changed(GOOD[name], place, value));
      }),
      { numRuns: 300 },
    );
  });
});

/** What is taken must be fit for an event; what is not must be refused with fields and without a stack for the user. */
function expectParsedOrRefused(schema: z.ZodType, value: unknown): void {
  let parsed: unknown;
  try {
    parsed = parseInput(schema, value, 'input');
  } catch (error) {
    if (!isWaybillError(error, 'INVALID_INPUT')) throw error;
    expect(error.fields.length).toBeGreaterThan(0);
    return;
  }
  expect(() => canonicalText(parsed)).not.toThrow();
  expect(canonicalText(schema.parse(parsed))).toBe(canonicalText(parsed));
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, member]) =>
    pathsOf(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, [...path, 'unheard-of'], ...below];
}

function changed(value: unknown, path: Path, to: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to;
  if (Array.isArray(value)) return value.map((member, at) => (at === key ? changed(member, rest, to) : member));
  const object: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  object[key] = changed(object[key], rest, to);
  return object;
}
