import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMIT, done, requestRelease, setUpShop } from '../testing/example-project.js';
import { type Answer, type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';
import { MUTATIONS, QUERIES } from './permissions.js';

let ledger: RunningLedger;
let release: string;
const tokens = new Map<string, string>();

const TOKEN = 'mutation ($input: CreateTokenInput!) { createToken(input: $input) { token tokenId principal { id } } }';

beforeAll(async () => {
  ledger = await startRunningLedger();
  await setUpShop(ledger);
  release = await requestRelease(ledger, { ref: { name: 'dev' } });
  await done(ledger, 'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { position } }', {
    key: 'other',
    name: 'Another',
  });
  for (const role of ['developer', 'business', 'devops', 'analyst', 'adapter', 'admin']) {
    for (const project of ['shop', 'other', '*']) {
      const input = {
        roles: [role.toUpperCase()],
        name: `${role} ${project}`,
        ...(project === '*' ? {} : { project }),
      };
      const data = await done<{ createToken: { token: string } }>(ledger, TOKEN, input);
      tokens.set(`${role}@${project}`, data.createToken.token);
    }
  }
}, 60_000);
afterAll(() => ledger.stop());

/** One call of every operation, about project `shop`; whether it can be done is another question. */
const CALLS: Readonly<Record<string, string>> = {
  ledger: '{ ledger { id } }',
  me: '{ me { id } }',
  project: '{ project(key: "shop") { key } }',
  projects: '{ projects { totalCount } }',
  location: '{ location(key: "dev") { key } }',
  locations: '{ locations { totalCount } }',
  resources: '{ resources { totalCount } }',
  release: '{ release(id: "RELEASE") { id } }',
  settledRelease: '{ settledRelease(id: "RELEASE", timeoutSeconds: 0) { id } }',
  releases: '{ releases(filter: { project: "shop" }) { totalCount } }',
  environment: '{ environment(name: "shop.dev@dev") { name } }',
  environments: '{ environments(filter: { project: "shop" }) { totalCount } }',
  deployment: '{ deployment(name: "shop.dev@dev.1") { name } }',
  deployments: '{ deployments(filter: { project: "shop" }) { totalCount } }',
  dora: '{ dora(input: { project: "shop" }) { from } }',
  doraDefinitions: '{ doraDefinitions { name } }',
  // There is no such incident, which everybody may be told.
  incident: '{ incident(id: "019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b") { id } }',
  incidents: '{ incidents(filter: { project: "shop" }) { totalCount } }',
  openIncident: 'mutation { openIncident(input: { project: "shop", key: "1" }) { position } }',
  nameIncidentCause:
    'mutation { nameIncidentCause(input: { incident: "019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b", release: "RELEASE" }) { position } }',
  resolveIncident:
    'mutation { resolveIncident(input: { incident: "019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b" }) { position } }',
  correctIncident:
    'mutation { correctIncident(input: { incident: "019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b", dismissed: true }) { position } }',
  statistics: '{ statistics(input: { measures: [ROLLBACKS] }) { totalRows } }',
  events: '{ events(stream: "project-shop") { totalCount } }',
  testRules: '{ testRules(project: "shop", ref: { name: "dev" }) { matched } }',
  render: '{ render(input: { project: "shop", ref: { name: "dev" } }) { rule } }',
  why: '{ why(subject: "RELEASE") { summary } }',
  whyNot: '{ whyNot(input: { project: "shop", ref: "dev" }) { release { id } } }',
  search: '{ search(text: "dev") { pageInfo { hasNextPage } } }',
  diff: '{ diff(from: { project: "shop", asOf: { position: "1" } }, to: { project: "shop" }) { totalCount } }',
  principals: '{ principals { totalCount } }',
  rebuild: '{ rebuild { state } }',
  migration: '{ migration(location: "x") { state } }',
  migrationPlan: '{ migrationPlan(input: { location: "x", to: "y" }) { to } }',
  deadLetters: '{ deadLetters { id } }',
  registerProject: 'mutation { registerProject(input: { key: "shop", name: "The shop" }) { position } }',
  submitMetadata:
    'mutation { submitMetadata(input: { project: "shop", section: DEVELOPER, metadata: {} }) { position } }',
  defineRules: 'mutation { defineRules(input: { project: "shop", preset: "gitflow" }) { position } }',
  onboardLocation: 'mutation { onboardLocation(input: { key: "x", delivery: {} }) { position } }',
  changeLocation: 'mutation { changeLocation(input: { key: "x", delivery: {} }) { position } }',
  retireLocation: 'mutation { retireLocation(input: { key: "x" }) { position } }',
  migrateLocation: 'mutation { migrateLocation(input: { location: "x", to: "y" }) { position } }',
  stopMigration: 'mutation { stopMigration(input: { location: "x" }) { position } }',
  resumeMigration: 'mutation { resumeMigration(input: { location: "x" }) { position } }',
  removeMigrated: 'mutation { removeMigrated(input: { location: "x" }) { position } }',
  revertMigration: 'mutation { revertMigration(input: { location: "x" }) { position } }',
  onboardResource: 'mutation { onboardResource(input: { key: "vm-x", location: "x" }) { position } }',
  changeResource: 'mutation { changeResource(input: { key: "vm-x", location: "x" }) { position } }',
  retireResource: 'mutation { retireResource(input: { key: "vm-x" }) { position } }',
  requestRelease: `mutation { requestRelease(input: { project: "shop", ref: { name: "dev" }, commit: "${COMMIT}" }) { position } }`,
  provideDeliverable: 'mutation { provideDeliverable(input: { release: "RELEASE", deliverable: {} }) { position } }',
  approveRelease: 'mutation { approveRelease(input: { release: "RELEASE" }) { position } }',
  refuseRelease: 'mutation { refuseRelease(input: { release: "RELEASE" }) { position } }',
  cancelRelease: 'mutation { cancelRelease(input: { release: "RELEASE" }) { position } }',
  rollback: 'mutation { rollback(input: { release: "RELEASE" }) { position } }',
  deleteBranch: 'mutation { deleteBranch(input: { project: "shop", branch: "gone" }) { position } }',
  directRollout: 'mutation { directRollout(input: { name: "shop.gone@dev", directive: PAUSE }) { position } }',
  removeEnvironment: 'mutation { removeEnvironment(input: { name: "shop.gone@dev" }) { position } }',
  checkConfig: 'mutation { checkConfig(project: "shop") { noticed } }',
  createToken: 'mutation { createToken(input: { roles: [] }) { tokenId } }',
  revokeToken: 'mutation { revokeToken(id: "0190f0d2-0000-7000-8000-000000000001") { position } }',
  grantRole: 'mutation { grantRole(input: { principal: "nobody-at-all", role: ANALYST }) { position } }',
  revokeRole: 'mutation { revokeRole(input: { principal: "nobody-at-all", role: ANALYST }) { position } }',
  erasePerson: 'mutation { erasePerson(person: "nobody-at-all") { position } }',
  rebuildViews: 'mutation { rebuildViews { state } }',
  retryDeadLetter: 'mutation { retryDeadLetter(id: "0") }',
  createLoginLink: 'mutation { createLoginLink { expiresAt } }',
};

/** Who may do what: for which project a grant must be (`shop`: that one or all; `*`: all only; `any`: of any). */
const READERS = ['developer', 'business', 'devops', 'analyst', 'admin'];
const ALLOWED: Readonly<Record<string, readonly [roles: readonly string[], scope: 'shop' | '*' | 'any']>> = {
  ledger: [READERS, 'any'],
  me: [[...READERS, 'adapter'], 'any'],
  project: [READERS, 'shop'],
  projects: [READERS, 'any'],
  location: [READERS, 'any'],
  locations: [READERS, 'any'],
  resources: [READERS, 'any'],
  migration: [READERS, 'any'],
  migrationPlan: [['devops', 'admin'], '*'],
  release: [READERS, 'shop'],
  settledRelease: [READERS, 'shop'],
  releases: [READERS, 'shop'],
  environment: [READERS, 'shop'],
  environments: [READERS, 'shop'],
  deployment: [READERS, 'shop'],
  deployments: [READERS, 'shop'],
  statistics: [READERS, 'any'],
  dora: [READERS, 'shop'],
  doraDefinitions: [READERS, 'any'],
  incident: [READERS, 'any'],
  incidents: [READERS, 'shop'],
  events: [READERS, 'shop'],
  testRules: [READERS, 'shop'],
  render: [READERS, 'shop'],
  why: [READERS, 'shop'],
  whyNot: [READERS, 'shop'],
  search: [READERS, 'any'],
  diff: [READERS, 'shop'],
  principals: [['admin'], '*'],
  rebuild: [['admin'], '*'],
  deadLetters: [['devops', 'admin'], '*'],
  registerProject: [['developer', 'business', 'devops', 'admin'], 'shop'],
  submitMetadata: [['developer', 'admin'], 'shop'],
  defineRules: [['devops', 'admin'], 'shop'],
  onboardLocation: [['devops', 'admin'], '*'],
  changeLocation: [['devops', 'admin'], '*'],
  retireLocation: [['devops', 'admin'], '*'],
  migrateLocation: [['devops', 'admin'], '*'],
  stopMigration: [['devops', 'admin'], '*'],
  resumeMigration: [['devops', 'admin'], '*'],
  removeMigrated: [['devops', 'admin'], '*'],
  revertMigration: [['devops', 'admin'], '*'],
  onboardResource: [['devops', 'admin'], '*'],
  changeResource: [['devops', 'admin'], '*'],
  retireResource: [['devops', 'admin'], '*'],
  requestRelease: [['developer', 'admin'], 'shop'],
  provideDeliverable: [['developer', 'admin'], 'shop'],
  // Nobody here is named as an approver, whatever the role.
  approveRelease: [[], 'shop'],
  refuseRelease: [[], 'shop'],
  cancelRelease: [['developer', 'admin'], 'shop'],
  rollback: [['developer', 'admin'], 'shop'],
  deleteBranch: [['developer', 'devops', 'admin'], 'shop'],
  directRollout: [['developer', 'devops', 'admin'], 'shop'],
  removeEnvironment: [['devops', 'admin'], 'shop'],
  openIncident: [['developer', 'business', 'devops', 'admin'], 'shop'],
  nameIncidentCause: [['developer', 'business', 'devops', 'admin'], 'any'],
  resolveIncident: [['developer', 'business', 'devops', 'admin'], 'any'],
  correctIncident: [['developer', 'business', 'devops', 'admin'], 'any'],
  checkConfig: [['developer', 'devops', 'admin'], 'shop'],
  createToken: [['admin'], '*'],
  // There is no such token, which everybody may be told.
  revokeToken: [[...READERS, 'adapter'], 'any'],
  grantRole: [['admin'], '*'],
  revokeRole: [['admin'], '*'],
  erasePerson: [['admin'], '*'],
  rebuildViews: [['admin'], '*'],
  retryDeadLetter: [['devops', 'admin'], '*'],
  createLoginLink: [READERS, 'any'],
};

const call = (operation: string, token?: string | null): Promise<Answer> =>
  ledger.ask(CALLS[operation]!.replace('RELEASE', release), token === undefined ? {} : { token });

const isForbidden = ({ errors }: Answer): boolean => errors.some(({ extensions }) => extensions.code === 'FORBIDDEN');

describe('access', () => {
  it('has a permission, and a call in this spec, for every operation of the SDL', () => {
    const schema = buildSchema(readFileSync(join(__dirname, '..', '..', 'schema.graphql'), 'utf8'));
    const queries = Object.keys(schema.getQueryType()!.getFields());
    const mutations = Object.keys(schema.getMutationType()!.getFields());
    expect(Object.keys(QUERIES).sort()).toEqual([...queries].sort());
    expect(Object.keys(MUTATIONS).sort()).toEqual([...mutations].sort());
    expect(Object.keys(CALLS).sort()).toEqual([...queries, ...mutations].sort());
    expect(Object.keys(ALLOWED).sort()).toEqual([...queries, ...mutations].sort());
  });

  it.each(Object.keys(CALLS))(
    '%s is refused without a token, with a wrong one and with no Bearer',
    async (operation) => {
      for (const token of [null, 'wb_wrong', `wb_${'A'.repeat(43)}`]) {
        const { status, data, errors } = await call(operation, token);
        expect([status, data, errors[0]?.extensions.code]).toEqual([401, null, 'UNAUTHENTICATED']);
      }
    },
  );

  it.each(Object.keys(CALLS).filter((operation) => !['approveRelease', 'refuseRelease'].includes(operation)))(
    '%s is for exactly the roles and projects it is meant for',
    async (operation) => {
      const [roles, scope] = ALLOWED[operation]!;
      const allowed: string[] = [];
      const expected: string[] = [];
      for (const [name, token] of tokens) {
        const [role, project] = name.split('@') as [string, string];
        const covers = scope === 'any' || project === '*' || (scope === 'shop' && project === 'shop');
        if (roles.includes(role) && covers) expected.push(name);
        if (!isForbidden(await call(operation, token))) allowed.push(name);
      }
      expect(allowed).toEqual(expected);
    },
  );

  it('lets nobody approve or refuse who is not named as an approver', async () => {
    for (const token of tokens.values()) {
      for (const operation of ['approveRelease', 'refuseRelease']) {
        expect((await call(operation, token)).errors).toHaveLength(1);
      }
    }
  });

  it('says which role would do', async () => {
    const { errors } = await call('defineRules', tokens.get('developer@shop'));
    expect(errors[0]).toMatchObject({
      message: 'defineRules needs the role devops or admin for project shop',
      extensions: { code: 'FORBIDDEN', hint: expect.stringContaining('Ask an admin') },
    });
  });

  it('answers introspection with a token only', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect((await ledger.ask(query, { token: null })).status).toBe(401);
    expect((await ledger.ask(query)).data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  });

  it('shows lists without a project cut to what may be read', async () => {
    const query = '{ projects { nodes { key } } releases { nodes { project } } }';
    const own = await ledger.ask(query, { token: tokens.get('developer@shop')! });
    expect(own.data).toMatchObject({ projects: { nodes: [{ key: 'shop' }] } });
    const other = await ledger.ask(query, { token: tokens.get('developer@other')! });
    expect(other.data).toEqual({ projects: { nodes: [{ key: 'other' }] }, releases: { nodes: [] } });

    const input = { roles: ['ANALYST'], project: 'shop', person: 'both' };
    const both = await done<{ createToken: { token: string } }>(ledger, TOKEN, input);
    await done(ledger, TOKEN, { ...input, project: 'other' });
    const mixed = await ledger.ask(query, { token: both.createToken.token });
    expect(mixed.data).toMatchObject({
      projects: { nodes: [{ key: 'other' }, { key: 'shop' }] },
      releases: own.data!['releases'],
    });
    const forbidden = await ledger.ask('{ environments(filter: { project: "third" }) { totalCount } }', {
      token: both.createToken.token,
    });
    expect(isForbidden(forbidden)).toBe(true);
  });
});

describe('the admin token of the first start', () => {
  it('is readable by its user only and opens everything', async () => {
    expect((await stat(join(ledger.folder, 'admin-token'))).mode & 0o777).toBe(0o600);
    const { data } = await ledger.ask('{ me { kind name grants { role scope } } }');
    expect(data).toEqual({ me: { kind: 'SERVICE', name: 'first admin', grants: [{ role: 'ADMIN', scope: '*' }] } });
  });
});

describe('tokens', () => {
  it('are told once: a repeated command is refused', async () => {
    const commandId = '0190f0d2-0000-7000-8000-00000000cccc';
    const input = { roles: ['ANALYST'], name: 'reporting', commandId };
    await done(ledger, TOKEN, input);
    const { errors } = await ledger.ask(TOKEN, { variables: { input } });
    expect(errors[0]?.extensions.code).toBe('ALREADY_EXISTS');
  });

  it('open nothing once revoked, and stay out of log and events', async () => {
    const data = await done<{ createToken: { token: string; tokenId: string } }>(ledger, TOKEN, {
      roles: ['ANALYST'],
      person: 'rita',
      name: 'Rita',
      expiresInDays: 1,
    });
    const { token, tokenId } = data.createToken;
    expect((await ledger.ask('{ me { login } }', { token })).data).toEqual({ me: { login: 'rita' } });
    const revoked = await ledger.ask('mutation ($id: ID!) { revokeToken(id: $id) { principal { id } } }', {
      variables: { id: tokenId },
      token,
    });
    expect(revoked.errors).toEqual([]);
    expect((await ledger.ask('{ me { login } }', { token })).status).toBe(401);
    const events = await ledger.process.parts.store.readAll(undefined, 1000);
    expect(JSON.stringify(events)).not.toContain(token);
    expect(JSON.stringify(ledger.lines)).not.toContain(token);
  });

  it('lose what they may do with the grant', async () => {
    const input = { roles: ['ANALYST'], name: 'auditor' };
    const data = await done<{ createToken: { token: string; principal: { id: string } } }>(ledger, TOKEN, input);
    const { token, principal } = data.createToken;
    const query = '{ ledger { id } }';
    expect((await ledger.ask(query, { token })).errors).toEqual([]);
    await done(ledger, 'mutation ($input: GrantInput!) { revokeRole(input: $input) { position } }', {
      principal: principal.id,
      role: 'ANALYST',
    });
    expect(isForbidden(await ledger.ask(query, { token }))).toBe(true);
  });
});

describe('people', () => {
  it('are opaque ids in the log, named when asked, and nameless once erased', async () => {
    const owner = '{ project(key: "shop") { owner { id name login } business } }';
    const before = await ledger.ask(owner);
    const project = before.data!['project'] as { owner: { id: string; login: string }; business: unknown };
    const { id, login } = project.owner;
    expect(login).toBe('olga');
    expect(project.business).toMatchObject({ owner: id });
    const log = await ledger.process.parts.store.readStream('project-shop');
    expect(JSON.stringify(log)).not.toContain('olga');

    const { createToken } = await done<{ createToken: { token: string; tokenId: string } }>(ledger, TOKEN, {
      roles: ['ANALYST'],
      person: 'olga',
    });
    const { token } = createToken;
    const tokens = '{ me { tokens { id revokedAt } } }';
    expect((await ledger.ask(tokens, { token })).data).toEqual({
      me: { tokens: [{ id: createToken.tokenId, revokedAt: null }] },
    });
    const erased = await ledger.ask('mutation { erasePerson(person: "olga") { principal { id name login } } }');
    expect(erased.data).toEqual({ erasePerson: { principal: { id, name: null, login: null } } });
    expect((await ledger.ask(owner)).data).toMatchObject({ project: { owner: { id, name: null, login: null } } });
    expect(await ledger.process.parts.store.readStream('project-shop')).toEqual(log);
    expect((await ledger.ask(tokens, { token })).status).toBe(401);
    const access = await ledger.process.parts.store.readStream(`access-${id}`);
    expect(access.map(({ type }) => type)).toContain('TokenRevoked');
  });

  it('are not made known by a section that is refused', async () => {
    const { errors } = await ledger.ask(
      'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }',
      {
        variables: {
          input: { project: 'shop', section: 'BUSINESS', metadata: { owner: 'newcomer', productLine: '' } },
        },
      },
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'productLine' }] });
    expect(await ledger.process.parts.operations.people.findByLogin('newcomer')).toBeUndefined();
  });
});

describe('an approver', () => {
  const APPROVE = 'mutation ($input: ReleaseActionInput!) { approveRelease(input: $input) { position } }';

  it('may approve for being named, without a role for the project, and only what needs it', async () => {
    const input = { roles: ['ANALYST'], project: 'other', person: 'anna' };
    const data = await done<{ createToken: { token: string } }>(ledger, TOKEN, input);
    const { errors } = await ledger.ask(APPROVE, { variables: { input: { release } }, token: data.createToken.token });
    expect(errors[0]).toMatchObject({ extensions: { code: 'INVALID_STATE' } });
  });
});
