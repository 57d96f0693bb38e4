import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/kernel';
import fc from 'fast-check';
import { COMMIT, IMAGE, done, requestRelease, setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startRunningLedger();
  await setUpShop(ledger);
}, 60_000);
afterAll(() => ledger.stop());

const REQUEST =
  'mutation ($input: RequestReleaseInput!) { requestRelease(input: $input) { release { id state } position } }';
const REGISTER =
  'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { project { key } position } }';

async function refusal(query: string, input: Record<string, unknown>) {
  const { errors, data } = await ledger.ask(query, { variables: { input } });
  expect(data).toBeNull();
  expect(errors).toHaveLength(1);
  expect(JSON.stringify(errors)).not.toMatch(/at .*\.(js|ts):\d+|node_modules|stacktrace/);
  const [{ message, extensions }] = errors as [(typeof errors)[number]];
  return { message, ...extensions };
}

const release = { project: 'shop', ref: { name: 'dev' }, commit: COMMIT, deliverable: IMAGE };

describe('misuse', () => {
  it.each([
    [
      'an unknown project',
      REQUEST,
      { ...release, project: 'nope' },
      { code: 'NOT_FOUND', message: 'no project is called nope' },
    ],
    [
      'a ref with odd characters',
      REQUEST,
      { ...release, ref: { name: 'a..b' } },
      { code: 'BAD_USER_INPUT', fields: [{ field: 'ref.name' }] },
    ],
    [
      'a branch name of 10 KB',
      REQUEST,
      { ...release, ref: { name: 'x'.repeat(10_240) } },
      { code: 'BAD_USER_INPUT', fields: [{ field: 'ref.name', message: 'at most 250 characters' }] },
    ],
    [
      'a wrong digest',
      REQUEST,
      { ...release, deliverable: { ...IMAGE, digest: 'sha256:beef' } },
      { code: 'BAD_USER_INPUT', fields: [{ field: 'deliverable.digest' }] },
    ],
    [
      'half a commit id',
      REQUEST,
      { ...release, commit: 'abc' },
      { code: 'BAD_USER_INPUT', fields: [{ field: 'commit' }] },
    ],
    [
      'a trigger that is not a caller’s',
      REQUEST,
      { ...release, trigger: 'rollback' },
      { code: 'BAD_USER_INPUT', fields: [{ field: 'trigger' }] },
    ],
    ['a lone surrogate', REQUEST, { ...release, attributes: { team: '\ud800' } }, { code: 'BAD_USER_INPUT' }],
    [
      'a command id that is none',
      REQUEST,
      { ...release, commandId: 'again' },
      { code: 'BAD_USER_INPUT', fields: [{ field: 'commandId' }] },
    ],
    [
      'a key that cannot be one',
      REGISTER,
      { key: 'The Shop!' },
      { code: 'BAD_USER_INPUT', fields: [{ field: 'project' }] },
    ],
  ] as [string, string, Record<string, unknown>, Record<string, unknown>][])(
    '%s is one error with a code, naming the field',
    async (_, query, input, expected) => {
      const { fields, ...rest } = expected as { fields?: object[] };
      const told = await refusal(query, input);
      expect(told).toMatchObject(rest);
      if (fields) expect(told.fields).toEqual(fields.map((field) => expect.objectContaining(field) as unknown));
    },
  );

  it.each([
    ['a bad regex', [{ name: 'x', branch: '(', resources: ['kubernetes-dev'], tier: 'dev' }], 'rules.0.pattern'],
    [
      'a regex bomb',
      [{ name: 'x', branch: '((a{1,100}){1,100}){1,100}', resources: ['kubernetes-dev'], tier: 'dev' }],
      'rules.0.pattern',
    ],
    [
      'an unknown resource',
      [{ name: 'x', branch: 'x', resources: ['kubernetes-mars'], tier: 'dev' }],
      'rules.0.resources.0',
    ],
    [
      'a rule behind one that takes all',
      [
        { name: 'all', branch: '.*', resources: ['kubernetes-dev'], tier: 'dev' },
        { name: 'x', branch: '^x$', resources: ['kubernetes-dev'], tier: 'dev' },
      ],
      'rules.1.pattern',
    ],
  ] as [string, unknown[], string][])('%s in branch rules names the rule', async (_, rules, field) => {
    const told = await refusal('mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
      project: 'shop',
      rules,
    });
    expect(told).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field }] });
  });

  it('never gets an inner message: what nobody foresaw is told by an id that the log knows', async () => {
    const { views } = ledger.process.parts;
    const broken = views.projects.get;
    Object.assign(views.projects, { get: () => Promise.reject(new TypeError('secret inner words')) });
    try {
      const { errors } = await ledger.ask('{ project(key: "shop") { key } }');
      const [{ message, extensions }] = errors as [{ message: string; extensions: { code: string; id: string } }];
      expect(extensions.code).toBe('INTERNAL_SERVER_ERROR');
      expect(message).not.toContain('secret');
      expect(
        ledger.lines.filter((line) => line.includes(extensions.id) && line.includes('secret inner words')),
      ).toHaveLength(1);
    } finally {
      Object.assign(views.projects, { get: broken });
    }
  });

  it('is told for lists that are too long and cursors of another list', async () => {
    const long = await ledger.ask('{ releases(first: 101) { totalCount } }');
    expect(long.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'first' }] });
    const { data } = await ledger.ask('{ resources(first: 1) { pageInfo { endCursor } } }');
    const after = (data!['resources'] as { pageInfo: { endCursor: string } }).pageInfo.endCursor;
    const other = await ledger.ask('query ($after: String) { locations(after: $after) { totalCount } }', {
      variables: { after },
    });
    expect(other.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'after' }] });
  });

  it('is told for a query that asks for too much, before anything of it is read', async () => {
    const inner = (depth: number): string => (depth === 0 ? 'name' : `release { deployments { ${inner(depth - 1)} } }`);
    const nested = `{ releases(first: 100) { nodes { deployments { ${inner(5)} } } } }`;
    expect((await ledger.ask(nested)).errors).toMatchObject([
      {
        message: expect.stringMatching(/^the query may ask for [\d,]+ fields; 20,000 are allowed$/),
        extensions: { code: 'QUERY_TOO_LARGE', hint: expect.stringContaining('first') },
      },
    ]);
    const paged = (first: number) =>
      ledger.ask(
        `query ($first: Int) { environments(first: $first) { nodes { name deployments(first: 50) { ...page } } } }
         fragment page on DeploymentConnection { nodes { name state release { id project } } }`,
        { variables: { first } },
      );
    expect((await paged(100)).errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_LARGE' } }]);
    expect((await paged(50)).errors).toEqual([]);
    const aliased = (count: number) =>
      ledger.ask(`{ ${Array.from({ length: count }, (_, at) => `a${at}: ledger { id }`).join(' ')} }`);
    expect((await aliased(31)).errors).toMatchObject([
      { message: 'the query has 31 aliases; 30 are allowed', extensions: { code: 'QUERY_TOO_LARGE' } },
    ]);
    expect((await aliased(30)).errors).toEqual([]);
  });

  it.each([
    ['of 1000 aliases', `{ ${Array.from({ length: 1000 }, (_, at) => `a${at}: ledger { id }`).join(' ')} }`],
    ['of a hundred thousand brackets', '{a'.repeat(100_000)],
    ['with a list in a list, without end', `{ project(key: ${'['.repeat(100_000)}) { key } }`],
  ])('is told for a text %s, which is not even parsed to its end', async (_, query) => {
    const { errors } = await ledger.ask(query);
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/2000 tokens|the text nests too deep/),
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      },
    ]);
  });

  it('is told for a query that nests too deep, fragments counted', async () => {
    const nested = (depth: number): string => (depth === 0 ? 'name' : `release { deployments { ...inner${depth} } }`);
    const fragments = Array.from(
      { length: 8 },
      (_, depth) => `fragment inner${depth + 1} on Deployment { ${nested(depth)} }`,
    );
    const ask = (depth: number) =>
      ledger.ask(`{ deployment(name: "shop.dev@dev.1") { ${nested(depth)} } } ${fragments.slice(0, depth).join(' ')}`);
    expect((await ask(6)).errors).toEqual([]);
    const { status, errors } = await ask(7);
    expect(status).toBe(400);
    expect(errors).toMatchObject([
      { message: 'the query nests 16 levels deep; 15 are allowed', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
  });

  it('is told for a body over 1 MB, without a stack', async () => {
    const response = await fetch(`${ledger.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ledger.adminToken}` },
      body: JSON.stringify({ query: `{ me { id } } #${'x'.repeat(1_100_000)}` }),
    });
    expect(response.status).toBe(413);
    expect(await response.text()).not.toMatch(/at .*:\d+/);
  });

  it('cannot be sent by another site: a form is refused', async () => {
    const response = await fetch(`${ledger.url}/graphql?query={me{id}}`, {
      headers: { authorization: `Bearer ${ledger.adminToken}` },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('CSRF');
  });

  it('of any shape never crashes a mutation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 3 }), fc.string(), async (json, text) => {
        const value: unknown = JSON.parse(json);
        const calls = [
          ledger.ask(REQUEST, {
            variables: { input: { ...release, project: text, deliverable: value, attributes: value } },
          }),
          ledger.ask('mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
            variables: { input: { project: 'shop', rules: value } },
          }),
          ledger.ask('mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }', {
            variables: { input: { project: 'shop', section: 'BUSINESS', metadata: value } },
          }),
          ledger.ask('mutation ($input: LocationInput!) { onboardLocation(input: $input) { position } }', {
            variables: { input: { key: text, delivery: value } },
          }),
          ledger.ask('query ($s: String!) { why(subject: $s) { summary } }', { variables: { s: text } }),
        ];
        for (const { errors } of await Promise.all(calls)) {
          for (const { extensions } of errors) expect(extensions.code).not.toBe('INTERNAL_SERVER_ERROR');
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('idempotency', () => {
  it('a repeated command id gives the first result and writes nothing', async () => {
    const input = { ...release, commandId: newId() };
    const first = await done(ledger, REQUEST, input);
    const newest = await ledger.process.parts.store.lastPosition();
    expect(await done(ledger, REQUEST, input)).toEqual(first);
    expect(await ledger.process.parts.store.lastPosition()).toBe(newest);
  });

  it('the same command id for something else is a conflict', async () => {
    const commandId = newId();
    await done(ledger, REQUEST, { ...release, commandId });
    expect(await refusal(REQUEST, { ...release, ref: { name: 'lt-1' }, commandId })).toMatchObject({
      code: 'COMMAND_ID_CONFLICT',
    });
  });

  it('a CI job that calls twice asks once; another attempt asks anew', async () => {
    const ci = { ref: { name: 'dev' }, pipelineId: 'p1', jobId: 'j1' };
    const first = await requestRelease(ledger, ci);
    expect(await requestRelease(ledger, ci)).toBe(first);
    expect(await requestRelease(ledger, { ...ci, attempt: 2 })).not.toBe(first);
    expect(await requestRelease(ledger, { ...ci, jobId: 'j2' })).not.toBe(first);
  });

  it('concurrent calls of one command write it once', async () => {
    const input = { ...release, commandId: newId() };
    const all = await Promise.all(Array.from({ length: 5 }, () => done(ledger, REQUEST, input)));
    expect(new Set(all.map((data) => JSON.stringify(data))).size).toBe(1);
  });
});

describe('reading', () => {
  it('pages events of a stream both ways, and of a correlation', async () => {
    const query = `query ($after: String, $newest: Boolean) {
      events(stream: "project-shop", first: 2, after: $after, newestFirst: $newest) {
        totalCount nodes { revision type actor { id } } pageInfo { hasNextPage endCursor }
      }
    }`;
    for (const newest of [false, true]) {
      const seen: number[] = [];
      let after: string | null = null;
      do {
        const { data } = await ledger.ask(query, { variables: { after, newest } });
        const page = data!['events'] as {
          totalCount: number;
          nodes: { revision: number }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
        seen.push(...page.nodes.map(({ revision }) => revision));
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      } while (after !== null);
      expect(seen).toEqual(newest ? [4, 3, 2, 1, 0] : [0, 1, 2, 3, 4]);
    }
    const id = await requestRelease(ledger, { ref: { name: 'hotfix' } });
    const { data } = await ledger.ask(`{ release(id: "${id}") { correlationId } }`);
    const { correlationId } = data!['release'] as { correlationId: string };
    const correlated = await ledger.ask(`{ events(correlationId: "${correlationId}") { nodes { type } } }`);
    expect(correlated.data).toEqual({
      events: { nodes: [{ type: 'ReleaseRequested' }, { type: 'BranchUnmatched' }] },
    });
  });

  it('tests rules with the reason of each', async () => {
    const { data } = await ledger.ask(
      '{ testRules(project: "shop", ref: { name: "feature-login" }) { matched slot explanations { rule matches asked why } } }',
    );
    expect(data!['testRules']).toMatchObject({
      matched: 'feature',
      slot: 'feature-login',
      explanations: [
        { rule: 'dev', matches: false, asked: true },
        { rule: 'feature', matches: true, asked: true },
        { asked: false },
        { asked: false },
        { asked: false },
      ],
    });
  });

  it('rebuilds the views and tells how far that is', async () => {
    const { errors } = await ledger.ask('mutation { rebuildViews { state done total startedAt } }');
    expect(errors).toEqual([]);
    await ledger.process.parts.views.rebuild(ledger.process.parts.store);
    const { data } = await ledger.ask(
      '{ rebuild { state done total error } project(key: "shop") { missing { field } } }',
    );
    expect(data).toMatchObject({ rebuild: { state: 'done', error: null }, project: { missing: [] } });
  });
});
