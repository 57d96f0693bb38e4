import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startExample } from './harness/example-run.js';
import { type Kit, startKit } from './harness/kit.js';
import { ROOT } from './harness/ledger-process.js';

/** The questions of the documentation, asked of the example as it is built and shipped. */
const QUESTIONS = join(ROOT, 'docs', 'questions');
const question = (name: string): string => readFileSync(join(QUESTIONS, `${name}.graphql`), 'utf8');

interface Release {
  readonly id: string;
  readonly ref: string;
  readonly commit: string;
  readonly state: string;
}

let kit: Kit;
let releases: readonly Release[];
/** Of the log when the example was done. */
let end: string;

beforeAll(async () => {
  kit = await startKit();
  const { code, err } = await startExample(kit.ledger).ended;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  const answer = await kit.admin.ask<{ releases: { nodes: Release[] }; ledger: { position: string } }>(
    '{ ledger { position } releases(first: 100) { nodes { id ref commit state } } }',
  );
  releases = answer.releases.nodes;
  end = answer.ledger.position;
});
afterAll(() => kit.close());

const ask = <T>(name: string, variables: Record<string, unknown>): Promise<T> =>
  kit.admin.ask<T>(question(name), variables);
const of = (ref: string): Release => releases.find((release) => release.ref === ref)!;

interface Found {
  readonly search: {
    readonly nodes: readonly {
      readonly release: Release | null;
      readonly deployments: readonly { readonly name: string }[];
    }[];
  };
}

describe('search', () => {
  it('finds the same release by whatever belongs to it', async () => {
    const dev = of('dev');
    for (const by of [
      { commit: dev.commit.slice(0, 10) },
      { release: dev.id.slice(0, 8) },
      { environment: 'a.dev@dev' },
      { ref: 'dev', project: 'A' },
      { pipelineId: `example-${dev.commit.slice(0, 8)}` },
    ]) {
      const { search } = await ask<Found>('search', { by });
      expect(search.nodes.map(({ release }) => release?.id)).toContain(dev.id);
      const text = Object.values(by).length === 1 ? Object.values(by)[0] : 'dev';
      const byText = await ask<Found>('search', { text });
      expect(byText.search.nodes.map(({ release }) => release?.id)).toContain(dev.id);
    }
    const ran = await kit.cli('search', dev.commit.slice(0, 8));
    expect(ran.out).toContain(`${dev.id.slice(0, 8)}  a`);
    expect(ran.out).toContain('a.dev@dev.1');
  });
});

describe('a deployment', () => {
  it('is told whole in one query', async () => {
    const { deployment } = await ask<{ deployment: Record<string, unknown> }>('deployment-trace', {
      name: 'a.dev@dev.1',
    });
    expect(deployment).toMatchObject({
      state: 'delivered',
      release: {
        id: of('dev').id,
        rule: { name: 'dev' },
        metadata: { developer: { value: {} }, business: { value: {} }, devops: { value: {} } },
        config: { directory: 'a/dev' },
      },
      desired: { environment: { project: 'a', slot: 'dev', location: 'dev' } },
    });
    const actions = deployment['actions'] as readonly { readonly kind: string }[];
    expect(actions.at(-1)!.kind).toBe('DeploymentDelivered');
  });
});

describe('why', () => {
  it('leads from the repository back to rules and metadata, and on again', async () => {
    interface Why {
      readonly why: {
        readonly steps: readonly {
          readonly sentence: string;
          readonly event: { readonly id: string; readonly type: string };
        }[];
      };
    }
    const { why } = await ask<Why>('why', { subject: 'a.dev@dev' });
    const types = why.steps.map(({ event }) => event.type);
    for (const type of ['DevopsMetadataSubmitted', 'BranchRulesDefined', 'ReleaseRequested', 'DeploymentDelivered']) {
      expect(types).toContain(type);
    }
    const requested = why.steps.find(({ event }) => event.type === 'ReleaseRequested')!.event.id;
    const effects = await ask<Why>('why', { subject: requested, direction: 'EFFECTS' });
    expect(effects.why.steps.map(({ event }) => event.type)).toContain('DeploymentDelivered');
    const drawn = await kit.cli('why', 'a.dev@dev');
    expect(drawn.out).toMatch(/└─ Generation 1 of a\.dev@dev stands in the repository.*\[#\d+ [0-9a-f]{8}\]/);
    expect((await kit.cli('why', requested, '--effects')).out).toMatch(/├─ |└─ /);
  });

  it('says why a push did not deploy', async () => {
    const unmatched = releases.find(({ state }) => state === 'UNMATCHED')!;
    const { whyNot } = await ask<{ whyNot: readonly { reasons: readonly Record<string, unknown>[] }[] }>('why-not', {
      input: { project: 'A', ref: unmatched.ref },
    });
    expect(whyNot[0]!.reasons).toMatchObject([{ __typename: 'NoRuleMatched', event: { type: 'BranchUnmatched' } }]);
    const ran = await kit.cli('why-not', 'A', unmatched.ref);
    expect(ran.out).toContain('No branch rule matches');
    expect((await kit.cli('why-not', 'A', 'never-pushed')).out).toContain('the ledger never heard of that push');
  });
});

describe('time', () => {
  it('tells the estate as of a position, an instant and by both clocks', async () => {
    interface Estate {
      readonly environments: { readonly totalCount: number; readonly nodes: readonly { readonly name: string }[] };
      readonly project: { readonly rules: readonly unknown[] } | null;
    }
    const now = await ask<Estate>('estate-as-of', { project: 'a', asOf: { position: end } });
    const live = await kit.admin.ask<{ environments: { totalCount: number } }>('{ environments { totalCount } }');
    expect(now.environments.totalCount).toBe(live.environments.totalCount);
    expect(now.environments.nodes).toHaveLength(now.environments.totalCount);
    for (const by of ['RECORDED', 'HAPPENED']) {
      const asOf = { instant: '2999-01-01T00:00:00Z', by };
      const later = await ask<Estate>('estate-as-of', { project: 'a', asOf });
      expect(later.environments.nodes).toEqual(now.environments.nodes);
    }
    const { deployment } = await kit.admin.ask<{ deployment: { release: { order: string } } }>(
      '{ deployment(name: "a.dev@dev.1") { release { order } } }',
    );
    const then = await ask<Estate>('estate-as-of', { project: 'a', asOf: { position: deployment.release.order } });
    expect(then.environments.nodes.map(({ name }) => name)).not.toContain('a.dev@dev');
    expect(then.project!.rules.length).toBeGreaterThan(0);
    const shown = await kit.cli('status', 'A', '--as-of', deployment.release.order);
    expect(shown.out).not.toContain('a.dev@dev ');
  });

  it('compares places and moments', async () => {
    interface Diff {
      readonly diff: {
        readonly nodes: readonly { readonly subject: string; readonly from: unknown; readonly to: unknown }[];
      };
    }
    const { diff } = await ask<Diff>('diff', { from: { project: 'a', asOf: { position: '0' } }, to: { project: 'a' } });
    expect(diff.nodes.length).toBeGreaterThan(3);
    expect(diff.nodes.every(({ from }) => from === null)).toBe(true);
    const places = await kit.cli('diff', 'a.dev@dev', 'a.lt-3@lt');
    expect(places.code).not.toBe(4);
    const ran = await kit.cli('diff', '--project', 'a', '--at', '0');
    expect(ran.out).toContain('a.dev@dev: nothing → a.dev@dev.1');
  });
});

it('has asked every question of the documentation that is of this suite', () => {
  const names = readdirSync(QUESTIONS).map((name) => name.replace('.graphql', ''));
  expect(names).toEqual(
    expect.arrayContaining(['search', 'deployment-trace', 'why', 'why-not', 'estate-as-of', 'diff']),
  );
});
