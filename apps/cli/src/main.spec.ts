import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { exitCodeOf } from './exit.js';
import { runCli } from './testing/run-cli.js';
import { COMMIT, DIGEST, RELEASE_ID, sampleRelease } from './testing/samples.js';
import { type Call, type Reply, startStubLedger, type StubLedger } from './testing/stub-ledger.js';

let stub: StubLedger | undefined;
afterEach(async () => {
  await stub?.close();
  stub = undefined;
});
const answering = async (reply: (call: Call, calls: readonly Call[]) => Reply): Promise<string> => {
  stub = await startStubLedger(reply);
  return stub.url;
};
const refusing =
  (code: string, message: string, more: object = {}) =>
  () => ({ errors: [{ message, extensions: { code, ...more } }] });

const requested = {
  data: {
    requestRelease: {
      release: sampleRelease({ state: 'PREPARING', reason: 'reading its configuration' }),
      position: '14',
    },
  },
};
const RELEASE = ['release', 'A', '--ref', 'dev', '--commit', COMMIT, '--image', `registry.example/a:1@${DIGEST}`];

describe('exit codes', () => {
  it.each([
    ['INVALID_INPUT', 2],
    ['BAD_USER_INPUT', 2],
    ['UNAUTHENTICATED', 4],
    ['FORBIDDEN', 4],
    ['NOT_FOUND', 1],
    ['INVALID_STATE', 1],
    ['COMMAND_ID_CONFLICT', 1],
    ['INTERNAL_SERVER_ERROR', 1],
  ])('%s ends with %d', (code, expected) => {
    expect(exitCodeOf(code)).toBe(expected);
  });

  it('shows message, fields and hint of a refusal, one a line, on stderr alone', async () => {
    const url = await answering(
      refusing('INVALID_INPUT', 'the release is not valid', {
        hint: 'give a full commit id',
        fields: [{ field: 'commit', message: 'a full commit id: 40 or 64 hex digits' }],
      }),
    );
    expect(await runCli(RELEASE, { url })).toEqual({
      code: 2,
      out: '',
      err: 'waybill: the release is not valid\n  commit: a full commit id: 40 or 64 hex digits\nhint: give a full commit id\n',
    });
  });

  it('says which token was not good', async () => {
    const url = await answering(refusing('UNAUTHENTICATED', 'the token is not known'));
    const ran = await runCli(['status'], { url });
    expect(ran.code).toBe(4);
    expect(ran.err).toContain('the token came from WAYBILL_TOKEN');
  });

  it('says in one sentence that nothing answers', async () => {
    const url = await answering(() => ({}));
    await stub?.close();
    const ran = await runCli(['status'], { url });
    expect(ran).toEqual({
      code: 1,
      out: '',
      err: `waybill: nothing answers at ${url}: start the ledger with \`npm start\`, or set WAYBILL_URL\n`,
    });
  });

  it.each([
    [['relase', 'A'], 'Did you mean release?'],
    [['status', '-o', 'xml'], 'Allowed choices are json, yaml, wide'],
    [['release', 'A', '--ref', 'dev', '--image', 'registry.example/a:1'], 'names no digest'],
    [['release', 'A', '--ref', 'dev', '--tag', 'v1'], "cannot be used with option '--ref <branch>'"],
    [['history', '--limit', '0'], 'takes a whole number from 1'],
    [['watch', RELEASE_ID, '--timeout', 'soon'], 'takes a duration'],
    [['project'], 'Usage: waybill project'],
    [['rules', 'set', 'A'], 'give -f <file> or --preset gitflow'],
  ])('%j is a usage error', async (args, words) => {
    const ran = await runCli(args);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('');
    expect(ran.err).toContain(words);
  });

  it('refuses an address that is none', async () => {
    expect((await runCli(['status'], { url: 'localhost:7070' })).err).toContain('WAYBILL_URL is not an http address');
  });
});

describe('the token', () => {
  it('comes from the data folder on this machine, and never goes elsewhere', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-cli-'));
    writeFileSync(join(folder, 'admin-token'), 'wb_admin\n');
    const url = await answering(refusing('UNAUTHENTICATED', 'no'));
    await runCli(['status'], { url, env: { WAYBILL_TOKEN: '', WAYBILL_DATA: folder } });
    expect(stub?.calls[0]?.headers.authorization).toBe('Bearer wb_admin');
    const { connectionOf } = await import('./ledger/connection.js');
    const elsewhere = { WAYBILL_URL: 'https://ledger.example', WAYBILL_DATA: folder };
    expect(connectionOf({ env: elsewhere, cwd: folder }).token).toBeUndefined();
  });
});

describe('a token that cannot be one', () => {
  it('is trimmed', async () => {
    const url = await answering(refusing('UNAUTHENTICATED', 'no'));
    await runCli(['status'], { url, env: { WAYBILL_TOKEN: ' wb_test\r\n' } });
    expect(stub?.calls[0]?.headers.authorization).toBe('Bearer wb_test');
  });

  it.each([
    ['status', 'wb_sec\nret'],
    ['export -', 'wb_sec\u0000ret'],
    ['key', 'wb_sec ret'],
    ['whoami', 'wb_secrét'],
  ])('is not sent and not shown: %s', async (line, token) => {
    const url = await answering(() => ({}));
    expect(await runCli(line.split(' '), { url, env: { WAYBILL_TOKEN: token } })).toEqual({
      code: 4,
      out: '',
      err: 'waybill: WAYBILL_TOKEN holds a space, a line break or another character that no token has\n',
    });
    expect(stub?.calls).toHaveLength(0);
  });
});

describe('a host that is not there', () => {
  it('is named in one sentence', async () => {
    const ran = await runCli(['status'], { url: 'http://ledger.invalid:7070' });
    expect(ran).toEqual({
      code: 1,
      out: '',
      err: 'waybill: the host of WAYBILL_URL is not found: ledger.invalid\n',
    });
  });
});

describe('releases show', () => {
  it('tells who approved, and in which words', async () => {
    const url = await answering(() => ({
      data: {
        release: {
          ...sampleRelease(),
          reuses: null,
          rulesRevision: 4,
          url: null,
          attributes: {},
          correlationId: RELEASE_ID,
          config: null,
          rule: { name: 'dev', resources: ['kubernetes-dev'] },
          approvals: [
            {
              approver: { id: 'p-1', name: null, login: 'anna' },
              at: 'noon',
              current: true,
              reason: 'Tested by hand.',
            },
            { approver: { id: 'p-2', name: null, login: 'olga' }, at: 'dawn', current: false, reason: null },
          ],
          deployments: [],
        },
      },
    }));
    const { out } = await runCli(['releases', 'show', RELEASE_ID], { url });
    expect(out).toContain('anna noon: Tested by hand.');
    expect(out).toMatch(/olga dawn \(of earlier contents\)$/m);
  });
});

describe('help', () => {
  it.each(['help relase', 'relase --help', 'relase -h'])('is no help for an unknown command: %s', async (line) => {
    const ran = await runCli(line.split(' '));
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toContain("waybill: unknown command 'relase'");
    expect(ran.err).toContain('Did you mean release?');
  });

  it.each(['help', '--help', 'help status', 'help completion', 'status --help'])('%s', async (line) => {
    const ran = await runCli(line.split(' '));
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(ran.out).toContain('Usage: waybill');
  });

  it('is about a command below another one, or says that there is none', async () => {
    const set = await runCli(['help', 'project', 'set']);
    expect([set.code, set.err]).toEqual([0, '']);
    expect(set.out).toContain('Usage: waybill project set');
    expect(await runCli(['help', 'project', 'nonsense'])).toEqual({
      code: 2,
      out: '',
      err: "waybill: there is no command 'project nonsense'\n(waybill project --help lists those that there are)\n",
    });
  });

  it.each(['environment remove', 'branch delete'])('says that %s asks only at a terminal', async (command) => {
    const { out } = await runCli([...command.split(' '), '--help']);
    expect(out.replace(/\s+/g, ' ')).toContain('at a terminal only: a script is not asked');
  });
});

describe('a mutation', () => {
  it('is repeated with the same command id when the connection is lost', async () => {
    const url = await answering((_, calls) => (calls.length < 3 ? 'hang-up' : requested));
    const ran = await runCli(RELEASE, { url });
    expect(ran.code).toBe(0);
    const ids = stub?.calls.map(({ variables }) => (variables['input'] as { commandId: string }).commandId) ?? [];
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('is given up after a bounded number of tries, and says that repeating is safe', async () => {
    const url = await answering(() => 'hang-up');
    const ran = await runCli(RELEASE, { url });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('safe to repeat');
    expect(stub?.calls).toHaveLength(5);
  });

  it('lets later questions see what it wrote', async () => {
    const url = await answering(({ operation }) =>
      operation === 'RequestRelease' ? requested : { data: { release: sampleRelease() } },
    );
    const ran = await runCli([...RELEASE, '--wait'], { url });
    expect(ran.code).toBe(0);
    expect(stub?.calls.map(({ headers }) => headers['waybill-read-after'])).toEqual([undefined, '14']);
  });

  it('is waited for when the views of the ledger need longer than one question may take', async () => {
    const late = refusing('TIMEOUT', 'the views have not read up to position 14 within 5000 ms');
    const url = await answering(({ operation }, calls) => {
      if (operation === 'RequestRelease') return requested;
      return calls.length < 4 ? late() : { data: { release: sampleRelease() } };
    });
    const ran = await runCli([...RELEASE, '--wait'], { url });
    expect([ran.code, stub?.calls.length]).toEqual([0, 4]);
  });
});

describe('release', () => {
  it('sends what the options say', async () => {
    const url = await answering(() => requested);
    const ran = await runCli([...RELEASE, '--attribute', 'ticket=OPS-7', '--attribute', 'team=a=b'], { url });
    expect(ran.out).toContain(`release:      ${RELEASE_ID}\n`);
    expect(ran.err).toBe(`next: waybill watch ${RELEASE_ID.slice(0, 8)}\n`);
    expect(stub?.calls[0]?.variables['input']).toEqual({
      commandId: expect.any(String),
      project: 'A',
      ref: { kind: 'BRANCH', name: 'dev' },
      commit: COMMIT,
      deliverable: { kind: 'image', image: 'registry.example/a:1', digest: DIGEST },
      trigger: 'manual',
      via: 'cli',
      attributes: { ticket: 'OPS-7', team: 'a=b' },
    });
  });

  it('reads the pipeline, and leaves the command id to the ledger there', async () => {
    const url = await answering(() => requested);
    const env = {
      GITLAB_CI: 'true',
      CI_COMMIT_REF_NAME: 'dev',
      CI_COMMIT_SHA: COMMIT,
      CI_PIPELINE_ID: '4711',
      CI_JOB_ID: '9',
    };
    await runCli(['release', 'A', '--rpm', 'shop-api-1.2.0-1'], { url, env });
    expect(stub?.calls[0]?.variables['input']).toEqual({
      project: 'A',
      ref: { kind: 'BRANCH', name: 'dev' },
      commit: COMMIT,
      deliverable: { kind: 'rpm', package: 'shop-api', version: '1.2.0-1' },
      trigger: 'push',
      via: 'cli',
      pipelineId: '4711',
      jobId: '9',
    });
  });

  it('does not take the pipeline’s commit for another ref', async () => {
    const url = await answering(({ operation }) =>
      operation === 'SourceRepository' ? { data: { project: null } } : requested,
    );
    const env = { GITLAB_CI: 'true', CI_COMMIT_REF_NAME: 'dev', CI_COMMIT_SHA: COMMIT, CI_PIPELINE_ID: '4711' };
    const ran = await runCli(['release', 'A', '--ref', 'release-1.2'], { url, env });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('which commit is branch release-1.2?');
  });

  it('ends with 8 when it is still held as the time is over, naming what would free it', async () => {
    const held = sampleRelease({
      state: 'HELD',
      reason: 'waits for 1 approval',
      holds: [{ kind: 'approval-pending', message: 'one approval is missing', frees: 'bob approves' }],
    });
    const url = await answering(({ operation }) =>
      operation === 'RequestRelease' ? requested : { data: { release: held } },
    );
    const ran = await runCli([...RELEASE, '--wait', '--timeout', '5s'], { url });
    expect(ran.code).toBe(8);
    expect(ran.err).toContain('to free it: bob approves');
    expect(ran.err).toContain('still held after 5.0 s');
  });
});

describe('watch', () => {
  const watching = (state: 'COMPLETED' | 'FAILED' | 'UNMATCHED' | 'CANCELLED' | 'SUPERSEDED') =>
    answering(() => ({ data: { release: sampleRelease({ state }) } }));

  it.each([
    ['COMPLETED', 0],
    ['UNMATCHED', 0],
    ['SUPERSEDED', 0],
    ['FAILED', 1],
    ['CANCELLED', 1],
  ] as const)('--exit-status of %s is %d', async (state, code) => {
    expect((await runCli(['watch', RELEASE_ID, '--exit-status'], { url: await watching(state) })).code).toBe(code);
  });

  it('ends with 0 without --exit-status', async () => {
    expect((await runCli(['watch', RELEASE_ID], { url: await watching('FAILED') })).code).toBe(0);
  });

  it('fails for a release that is not there', async () => {
    const url = await answering(() => ({ data: { release: null } }));
    const ran = await runCli(['watch', 'ffffffff'], { url });
    expect(ran).toEqual({
      code: 1,
      out: '',
      err: 'waybill: there is no release ffffffff\nhint: waybill history lists releases\n',
    });
  });
});

describe('output', () => {
  const listing = () =>
    answering(() => ({
      data: { releases: { nodes: [sampleRelease()], pageInfo: { hasNextPage: true, endCursor: 'x' }, totalCount: 7 } },
    }));

  it('is a table with short ids, and says on stderr that there is more', async () => {
    const ran = await runCli(['history', '--limit', '1'], { url: await listing() });
    expect(ran.out).toBe(
      'RELEASE   PROJECT  REF  COMMIT    STATE      RULE  LOCATIONS  AGE  TOOK\n' +
        '1f0c2a9b  a        dev  a54fdbc8  completed  dev   dev        5m   340 ms\n',
    );
    expect(ran.err).toBe('1 of 7 releases; --limit shows more\n');
  });

  it('is the whole data as JSON and YAML', async () => {
    const url = await listing();
    expect(JSON.parse((await runCli(['history', '--limit', '1', '-o', 'json'], { url })).out)).toEqual([
      sampleRelease(),
    ]);
    expect(parse((await runCli(['releases', '--limit', '1', '-o', 'yaml'], { url })).out)).toEqual([sampleRelease()]);
  });

  it('hides no character that a terminal obeys, and changes no data', async () => {
    const reason = 'a\u202eb\u2066c\u009bd\u001be';
    const row = sampleRelease({ reason });
    const url = await answering(() => ({
      data: { releases: { nodes: [row], pageInfo: { hasNextPage: false, endCursor: 'x' }, totalCount: 1 } },
    }));
    const shown = async (format: string) => (await runCli(['history', '-o', format], { url })).out;
    const [json, yaml, wide] = [await shown('json'), await shown('yaml'), await shown('wide')];
    expect(`${json}${yaml}${wide}`).not.toMatch(/[\u202e\u2066\u009b\u001b]/);
    expect([JSON.parse(json), parse(yaml)]).toEqual([[row], [row]]);
    expect(wide).toContain('a?b?c?d?e');
    await stub?.close();
    const refused = await answering(refusing('NOT_FOUND', reason, { hint: reason }));
    expect((await runCli(['status'], { url: refused })).err).toBe('waybill: a?b?c?d?e\nhint: a?b?c?d?e\n');
  });

  it('has colours on a terminal only, and not with NO_COLOR', async () => {
    const url = await listing();
    const args = ['history', '--limit', '1'];
    expect((await runCli(args, { url })).out).not.toContain('\u001b');
    expect((await runCli(args, { url, terminal: true })).out).toContain('\u001b[32mcompleted\u001b[39m');
    expect((await runCli(args, { url, terminal: true, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b');
  });

  it('explains rules and ends with 1 when none matches', async () => {
    const url = await answering(() => ({
      data: {
        testRules: {
          ref: 'hotfix-x',
          kind: 'BRANCH',
          matched: null,
          slot: null,
          explanations: [
            { rule: 'dev', pattern: '^dev$', matches: false, asked: true, why: 'the name does not match ^dev$' },
          ],
        },
      },
    }));
    const ran = await runCli(['rules', 'test', 'A', 'hotfix-x'], { url });
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('no  dev   ^dev$    the name does not match ^dev$\n');
    expect(ran.out).toContain('no rule matches branch hotfix-x: a release of it deploys nothing\n');
  });
});

describe('what cannot be undone', () => {
  const erased = {
    data: { erasePerson: { principal: { id: 'p-1a2b3c4d', kind: 'PERSON', name: null, login: null, grants: [] } } },
  };

  it('needs --yes in a script and a yes at a terminal', async () => {
    const url = await answering(() => erased);
    expect((await runCli(['person', 'erase', 'alice'], { url })).code).toBe(2);
    expect((await runCli(['person', 'erase', 'alice'], { url, terminal: true, answer: 'n' })).code).toBe(2);
    expect(stub?.calls).toHaveLength(0);
    expect((await runCli(['person', 'erase', 'alice'], { url, terminal: true, answer: 'y' })).code).toBe(0);
    expect((await runCli(['person', 'erase', 'alice', '--yes'], { url })).code).toBe(0);
  });
});

describe('files', () => {
  it('names file, line and column of bad YAML', async () => {
    const ran = await runCli(['project', 'set', 'A', 'devops', '-f', '-'], { stdin: 'quotas:\n  max: [1\n' });
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/^waybill: -:\d+:\d+ is not valid YAML: /);
  });

  it('says that a file is not there', async () => {
    const ran = await runCli(['rules', 'set', 'A', '-f', 'gone.yaml']);
    expect(ran.err).toBe('waybill: cannot read gone.yaml: there is no such file or folder\n');
  });
});
