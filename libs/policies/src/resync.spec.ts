import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ResyncReport, type StandingEnvironment, resyncDigest } from '@waybill/channel';
import { type Directive, type EnvironmentEvent, deploymentStreamOf, environmentStreamOf } from '@waybill/domain';
import { WaybillError, canonicalText, sha256 } from '@waybill/kernel';
import { type HeldEnvironment, type ResyncFault, answerResync } from './resync.js';
import { NOW, deploymentRequested, environment, releaseId, reported, useHistory } from './testing/history.js';

const history = useHistory();
const { given } = history;

let held: HeldEnvironment[];
let published: { generation: number; state: string; again: boolean }[];
let directives: (Directive | null)[];
let faults: ResyncFault[];
let emptied: boolean;
let refusal: Error | undefined;
let answer: ReturnType<typeof answerResync>;

beforeEach(() => {
  held = [{ environment, generation: 2, removed: false }];
  published = [];
  directives = [];
  faults = [];
  emptied = false;
  refusal = undefined;
  answer = answerResync({
    ...history.dependencies,
    // What was recorded is what was sent; nothing is written here.
    send: async (command) => {
      await history.dependencies.send(command);
      return { events: [{} as never] };
    },
    contents: { get: async () => '{}' },
    heldAt: async () => held,
    onFault: (_, fault) => void faults.push(fault),
    channel: {
      lacking: async (_, generations) => generations.filter(() => emptied),
      publish: async ({ generation, state, directive }, { again }) => {
        if (refusal) throw refusal;
        published.push({ generation, state, again });
        directives.push(directive);
      },
    },
  });
});

const twoGenerations = () =>
  given(environmentStreamOf(environment), deploymentRequested('one', 1, 1), deploymentRequested('two', 2, 2));

const standing = (over: Partial<StandingEnvironment> = {}): StandingEnvironment => ({
  environment,
  generation: 2,
  digest: sha256('two'),
  phase: 'healthy',
  ...over,
});

const report = (...environments: StandingEnvironment[]): ResyncReport => ({
  schema: 'waybill.dev/report/v1',
  kind: 'resync',
  location: 'dev',
  epoch: 5,
  occurredAt: NOW,
  digest: resyncDigest(environments),
  environments,
});

const healthyAlready = () =>
  given(deploymentStreamOf(environment, 2), { type: 'DeploymentHealthy', data: reported('two', 2, 4) });

describe('answer-resync', () => {
  it('is silent when both agree', async () => {
    await twoGenerations();
    await healthyAlready();
    await answer(report(standing()));
    expect([history.sent, published, faults]).toEqual([[], [], []]);
  });

  it('says nothing of a topic that is refused, and fails with no report: that is told where it is dispatched', async () => {
    await twoGenerations();
    await healthyAlready();
    refusal = new WaybillError('CONFIGURATION', 'Topic waybill.desired.dev has cleanup.policy=delete');
    await answer(report());
    emptied = true;
    await answer(report(standing()));
    expect([history.sent, published, faults]).toEqual([[], [], []]);
    refusal = undefined;
    await answer(report());
    expect(published).toEqual([{ generation: 2, state: 'present', again: true }]);
  });

  it('fills a topic that was emptied with what operators that know it do not ask for', async () => {
    await twoGenerations();
    await healthyAlready();
    emptied = true;
    await answer(report(standing()));
    expect(published).toEqual([{ generation: 2, state: 'present', again: true }]);
    expect(history.sent).toMatchObject([
      { type: 'RecordLocationResynced', data: { corrected: [{ environment, generation: 2, by: 'published' }] } },
    ]);
    // Not what is sent again anyway, nor what is gone.
    await answer(report());
    expect(published).toHaveLength(2);
    held = [{ environment, generation: 2, removed: true }];
    await answer(report());
    expect(published).toHaveLength(2);
  });

  it.each([
    ['has an older generation', [standing({ generation: 1 })]],
    ['has nothing of it', []],
  ])('publishes again when the operator %s', async (_, environments) => {
    await twoGenerations();
    await answer(report(...environments));
    expect(published).toEqual([{ generation: 2, state: 'present', again: true }]);
    expect(history.sent).toMatchObject([
      {
        type: 'RecordLocationResynced',
        data: {
          location: 'dev',
          epoch: 5,
          environments: environments.length,
          corrected: [{ environment, generation: 2, by: 'published' }],
          further: 0,
        },
      },
    ]);
  });

  it('publishes again with the newest directive of the generation', async () => {
    const direct = (seq: number, directive: 'pause' | 'promote', generation = 2): EnvironmentEvent => ({
      type: 'RolloutDirected',
      data: { environment, generation, seq, directive, full: false, by: null },
    });
    await given(
      environmentStreamOf(environment),
      deploymentRequested('one', 1, 1),
      direct(1, 'promote', 1),
      deploymentRequested('two', 2, 2),
      direct(1, 'pause'),
      direct(2, 'promote'),
    );
    await answer(report(standing({ generation: 1 })));
    expect(directives).toEqual([{ seq: 2, kind: 'promote', full: false }]);
  });

  it('publishes absence again until the removal is confirmed, then leaves it', async () => {
    const removal: EnvironmentEvent = {
      type: 'EnvironmentRemovalRequested',
      data: { environment, generation: 2, order: 5, cause: 'branch-deleted' },
    };
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1), removal);
    await answer(report(standing({ generation: 1, digest: sha256('one') })));
    expect(published).toEqual([{ generation: 2, state: 'absent', again: true }]);
    held = [{ environment, generation: 2, removed: true }];
    await answer(report());
    expect(published).toHaveLength(1);
  });

  it.each(['healthy', 'failed', 'rejected'] as const)(
    'takes over an outcome whose report was lost: %s',
    async (phase) => {
      const asked = await twoGenerations();
      await given(deploymentStreamOf(environment, 2), { type: 'DeploymentAccepted', data: reported('two', 2, 4) });
      await answer(report(standing({ phase })));
      expect(history.sent).toMatchObject([
        {
          type: 'RecordReport',
          data: { environment, generation: 2, release: releaseId('two'), epoch: 5, seq: 0, observation: { phase } },
          metadata: { actor: { kind: 'operator', id: 'dev' }, causationId: asked.id },
        },
        { type: 'RecordLocationResynced', data: { corrected: [{ by: 'recorded' }] } },
      ]);
      expect(published).toEqual([]);
    },
  );

  it('numbers what it takes over behind the last report of the same epoch', async () => {
    await twoGenerations();
    await given(deploymentStreamOf(environment, 2), {
      type: 'DeploymentAccepted',
      data: { ...reported('two', 2, 4), epoch: 5 },
    });
    await answer(report(standing()));
    expect(history.sent[0]).toMatchObject({ data: { epoch: 5, seq: 5 } });
  });

  it('takes over that it was taken on, too, when that was lost', async () => {
    await twoGenerations();
    await answer(report(standing()));
    expect(history.sent).toMatchObject([
      { data: { seq: 0, observation: { phase: 'accepted' } } },
      { data: { seq: 1, observation: { phase: 'healthy' } } },
      { type: 'RecordLocationResynced' },
    ]);
  });

  it('waits for what is still under way there', async () => {
    await twoGenerations();
    await answer(report(standing({ phase: 'applied' })));
    expect(history.sent).toEqual([]);
  });

  it('names what the ledger cannot explain, and changes nothing', async () => {
    await twoGenerations();
    const elsewhere = { ...environment, project: 'b' };
    await answer(report(standing({ generation: 3 })));
    await answer(report(standing({ digest: sha256('other') })));
    await answer(report(standing({ environment: elsewhere }), standing({ generation: 3 })));
    expect(faults.map(({ environment: name, kind }) => [name, kind])).toEqual([
      ['a.dev@dev', 'ahead'],
      ['a.dev@dev', 'other-digest'],
      ['a.dev@dev', 'ahead'],
      ['b.dev@dev', 'unknown'],
    ]);
    expect([history.sent, published]).toEqual([[], []]);
  });

  it('knows a list by its digest once it was told', async () => {
    await twoGenerations();
    const full = report(standing({ generation: 1 }));
    await answer({ ...full, environments: null });
    expect(published).toEqual([]);
    await answer(full);
    await answer({ ...full, environments: null });
    expect(published).toHaveLength(2);
    const ids = history.sent.map(({ metadata }) => metadata.commandId);
    expect(ids[0]).toBe(ids[1]);
  });

  it('takes its digest from the text that everybody can make', () => {
    const list = [standing({ environment: { ...environment, project: 'b' } }), standing()];
    expect(resyncDigest(list)).toBe(sha256(canonicalText([list[1], list[0]])));
  });
});
