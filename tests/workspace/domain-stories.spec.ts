import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  derivedId,
  handleCommand,
  loadStream,
  type Actor,
  type Command,
  type CommandMetadata,
  type CommandResult,
  type Decider,
  type Event,
  type EventStore,
} from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import {
  catalogue,
  environmentDecider,
  environmentName,
  environmentStreamOf,
  presetRules,
  projectDecider,
  projectStreamOf,
  releaseDecider,
  releaseReason,
  releaseStreamOf,
  slotOf,
  type BranchRule,
  type Deliverable,
  type EnvironmentId,
  type EnvironmentState,
  type EvaluationContext,
  type Ref,
  type ReleaseState,
} from '@waybill/domain';

const PROJECT = 'shop';
const ANNA: Actor = { kind: 'person', id: 'p-anna0000', roles: ['developer', 'devops'] };
const BERT: Actor = { kind: 'person', id: 'p-bert0000', roles: ['business'] };
const POLICY: Actor = { kind: 'policy', id: 'release', roles: [] };
const APPROVERS = [ANNA.id, BERT.id];

let store: EventStore;
let commands: number;

beforeEach(() => {
  store = createMemoryEventStore();
  commands = 0;
});

function send<State, C extends Command, E extends Event>(
  decider: Decider<State, C, E>,
  stream: string,
  actor: Actor,
  command: Omit<C, 'metadata'>,
): Promise<CommandResult<State>> {
  const commandId = derivedId('story', String(++commands));
  const now = new Date().toISOString();
  const metadata: CommandMetadata = { commandId, actor, now, correlationId: commandId, causationId: commandId };
  return handleCommand({ store, catalogue }, decider, stream, { ...command, metadata } as C);
}

const image = (n: number): Deliverable => ({
  kind: 'image',
  image: 'registry.example/shop',
  digest: `sha256:${String(n).repeat(64)}`,
});

interface Story {
  readonly release: string;
  readonly order: number;
  readonly ref: Ref;
  readonly commit: string;
  readonly deliverable: Deliverable;
}

/** A push: requested, with its configuration, up to where approvals begin. */
async function push(n: number, ref: Ref, rules: readonly BranchRule[]): Promise<Story> {
  const release = derivedId('release', String(n));
  const commit = String(n).repeat(40);
  const deliverable = image(n);
  const requested = await send(releaseDecider, releaseStreamOf(release), ANNA, {
    type: 'RequestRelease',
    data: {
      release,
      project: PROJECT,
      ref,
      commit,
      deliverable,
      trigger: 'push',
      reuses: null,
      source: { via: 'cli', pipelineId: null, jobId: null, url: null, attributes: {} },
    },
    context: { rules, rulesRevision: 0, reused: null },
  });
  await send(releaseDecider, releaseStreamOf(release), POLICY, {
    type: 'RecordConfigResolved',
    data: {
      release,
      config: {
        repository: 'https://git.example/config.git',
        directory: `${PROJECT}/${ref.name}`,
        fallback: false,
        commit,
        digest: commit,
        contents: String(n).repeat(64),
        committedAt: null,
        author: null,
      },
    },
    context: undefined,
  });
  return { release, order: Number(requested.events[0]!.position), ref, commit, deliverable };
}

async function evaluate({ release }: Story): Promise<ReleaseState> {
  const { state } = await loadStream({ store, catalogue }, releaseDecider, releaseStreamOf(release));
  const resources: EvaluationContext['resources'] = (state.rule?.resources ?? []).map((resource) => {
    const [kind, location] = resource.split('-') as ['kubernetes' | 'istio', string];
    return { resource, kind, location };
  });
  const context = { missing: [], windowOpensAt: null, approvers: APPROVERS, metadataRevision: 3, resources };
  const result = await send(releaseDecider, releaseStreamOf(release), POLICY, {
    type: 'EvaluateRelease',
    data: { release },
    context,
  });
  return result.state;
}

const approve = ({ release }: Story) =>
  send(releaseDecider, releaseStreamOf(release), BERT, {
    type: 'ApproveRelease',
    data: { release },
    context: { approvers: APPROVERS },
  });

/** What the policies do for one location of a stage that was started: ask the environment, and take its answer. */
function deploy(story: Story, location: string): Promise<CommandResult<EnvironmentState>> {
  const { ref, commit, ...data } = story;
  const environment: EnvironmentId = { project: PROJECT, slot: slotOf(PROJECT, ref), location };
  return send(environmentDecider, environmentStreamOf(environment), POLICY, {
    type: 'RequestDeployment',
    data: { ...data, environment, ref, commit, tier: 'feature', configDigest: commit, desired: 'd'.repeat(64) },
    context: undefined,
  });
}

describe('an old release that is approved late', () => {
  it('is refused by its order, and says which release is newer', async () => {
    const rules = presetRules('gitflow').map((rule) => (rule.kind === 'tag' ? { ...rule, approvals: 1 } : rule));
    const older = await push(1, { kind: 'tag', name: 'v1' }, rules);
    const newer = await push(2, { kind: 'tag', name: 'v2' }, rules);
    expect((await evaluate(older)).holds).toEqual([
      { kind: 'approval-pending', have: 0, need: 1, approvers: [BERT.id] },
    ]);
    expect((await evaluate(newer)).phase).toBe('held');

    await approve(newer);
    expect((await evaluate(newer)).stages).toEqual([['prod1', 'prod2']]);
    for (const location of ['prod1', 'prod2']) {
      expect((await deploy(newer, location)).state.current).toMatchObject({ release: newer.release, generation: 1 });
    }

    await approve(older);
    expect((await evaluate(older)).phase).toBe('deploying');
    for (const location of ['prod1', 'prod2']) {
      const { state, events } = await deploy(older, location);
      expect(events.map((event) => event.type)).toEqual(['DeploymentRefused']);
      expect(events[0]!.data).toMatchObject({
        release: older.release,
        supersededBy: { release: newer.release, generation: 1 },
      });
      expect(state.current?.release).toBe(newer.release);
      await send(releaseDecider, releaseStreamOf(older.release), POLICY, {
        type: 'ConcludeLocation',
        data: { release: older.release, location, generation: null, outcome: 'superseded', message: null },
        context: undefined,
      });
    }
    const { state } = await loadStream({ store, catalogue }, releaseDecider, releaseStreamOf(older.release));
    expect(state).toMatchObject({ phase: 'completed', outcome: 'superseded' });
    expect(releaseReason(state)).toBe('A newer release took its place everywhere.');
  });
});

describe('two feature branches', () => {
  it('live side by side; one that is deleted and pushed again goes on with its generations', async () => {
    const rules = presetRules('gitflow');
    const login: Ref = { kind: 'branch', name: 'feature-login' };
    const pay: Ref = { kind: 'branch', name: 'feature-pay' };
    const environmentOf = (ref: Ref): EnvironmentId => ({
      project: PROJECT,
      slot: slotOf(PROJECT, ref),
      location: 'feature',
    });
    expect([login, pay].map((ref) => environmentName(environmentOf(ref)))).toEqual([
      'shop.feature-login@feature',
      'shop.feature-pay@feature',
    ]);

    const first = await push(1, login, rules);
    const other = await push(2, pay, rules);
    expect((await evaluate(first)).stages).toEqual([['feature']]);
    expect((await evaluate(other)).stages).toEqual([['feature']]);
    expect((await deploy(first, 'feature')).state.generation).toBe(1);
    expect((await deploy(other, 'feature')).state.generation).toBe(1);

    await send(projectDecider, projectStreamOf(PROJECT), ANNA, {
      type: 'RegisterProject',
      data: { project: PROJECT, name: 'Shop' },
      context: undefined,
    });
    const deleted = await send(projectDecider, projectStreamOf(PROJECT), ANNA, {
      type: 'DeleteBranch',
      data: { project: PROJECT, branch: login.name },
      context: undefined,
    });
    const removal = {
      type: 'RemoveEnvironment' as const,
      data: {
        environment: environmentOf(login),
        order: Number(deleted.events[0]!.position),
        cause: 'branch-deleted' as const,
      },
      context: undefined,
    };
    const removing = await send(environmentDecider, environmentStreamOf(environmentOf(login)), POLICY, removal);
    expect(removing.state).toMatchObject({ generation: 2, current: null, removing: 2 });
    const removed = await send(environmentDecider, environmentStreamOf(environmentOf(login)), POLICY, {
      type: 'ConfirmRemoval',
      data: { environment: environmentOf(login), generation: 2 },
      context: undefined,
    });
    expect(removed.state).toMatchObject({ removing: null, removedGeneration: 2 });

    const again = await push(3, login, rules);
    await evaluate(again);
    const back = await deploy(again, 'feature');
    expect(back.events[0]!.data).toMatchObject({ generation: 3, replaces: null });

    // The deletion is delivered once more, late: the branch is back, so nothing is removed.
    const late = await send(environmentDecider, environmentStreamOf(environmentOf(login)), POLICY, removal);
    expect(late.events).toEqual([]);
    const { state } = await loadStream(
      { store, catalogue },
      environmentDecider,
      environmentStreamOf(environmentOf(pay)),
    );
    expect(state).toMatchObject({ generation: 1, current: { release: other.release } });
  });
});
