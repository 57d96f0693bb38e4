import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DeploymentEvent,
  type EnvironmentEvent,
  type ProjectEvent,
  type ReleaseEvent,
  catalogue,
  deploymentStreamOf,
  environmentStreamOf,
  presetRules,
  projectStreamOf,
  releaseStreamOf,
} from '@waybill/domain';
import { type Event, type EventStore, type RecordedEvent, derivedId, newId, sha256 } from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import { concludeLocations } from './conclude.js';
import { dispatchDesired } from './dispatch.js';
import { redeployOnConfigChange, rollBack } from './follow-up.js';
import type { OutgoingCommand, OutgoingReports, PolicyDependencies } from './policy.js';
import { recordReports } from './record-reports.js';
import { removeBranch } from './remove-branch.js';
import { onTimerDue, scheduleWindows } from './window-timer.js';

type AnyEvent = ReleaseEvent | EnvironmentEvent | DeploymentEvent | ProjectEvent;

const NOW = '2026-11-24T12:00:00.000Z';
const COMMIT = 'a'.repeat(40);
const [dev] = presetRules('gitflow');
const environment = { project: 'a', slot: 'dev', location: 'dev' };
const image = { kind: 'image', image: 'registry.example/a', digest: `sha256:${'1'.repeat(64)}` } as const;

let store: EventStore;
let sent: (OutgoingCommand | OutgoingReports[number])[];
let dependencies: PolicyDependencies;

beforeEach(() => {
  store = createMemoryEventStore();
  sent = [];
  dependencies = {
    store,
    catalogue,
    now: () => NOW,
    send: async (command) => {
      sent.push(...[command].flat());
      return { events: [] };
    },
  };
});

/** Writes events to a stream and returns the last one. */
async function given(stream: string, ...events: AnyEvent[]): Promise<RecordedEvent> {
  const earlier = await store.readStream(stream);
  const commandId = newId();
  const { events: recorded } = await store.append(
    stream,
    events.map((event: Event, index) => ({
      id: derivedId(commandId, String(index)),
      type: event.type,
      occurredAt: NOW,
      actor: { kind: 'system', id: 'spec', roles: [] },
      commandId,
      commandDigest: sha256(commandId),
      correlationId: commandId,
      causationId: commandId,
      ...catalogue.check(event),
    })),
    earlier.length === 0 ? 'no-stream' : earlier.length - 1,
  );
  return recorded.at(-1)!;
}

const releaseId = (name: string): string => derivedId(name);

/** A release of `dev` that was asked for and matched. */
function givenRelease(name: string, ...more: ReleaseEvent[]): Promise<RecordedEvent> {
  const release = releaseId(name);
  return given(
    releaseStreamOf(release),
    {
      type: 'ReleaseRequested',
      data: {
        release,
        project: 'a',
        ref: { kind: 'branch', name: 'dev' },
        commit: COMMIT,
        deliverable: image,
        requestedBy: null,
        trigger: 'push',
        reuses: null,
        source: { via: 'cli', pipelineId: '7', jobId: null, url: null, attributes: {} },
      },
    },
    {
      type: 'BranchMatched',
      data: { release, rulesRevision: 0, rule: { ...dev!, onFailure: 'rollback' }, slot: 'dev' },
    },
    ...more,
  );
}

function deploymentRequested(name: string, generation: number, order: number): EnvironmentEvent {
  return {
    type: 'DeploymentRequested',
    data: {
      environment,
      generation,
      order,
      release: releaseId(name),
      ref: { kind: 'branch', name: 'dev' },
      commit: COMMIT,
      deliverable: image,
      tier: 'dev',
      configDigest: COMMIT,
      desired: sha256(name),
      replaces: generation > 1 ? generation - 1 : null,
    },
  };
}

const reported = (name: string | null, generation: number, seq: number) => ({
  environment,
  generation,
  release: name === null ? null : releaseId(name),
  epoch: 1,
  seq,
});

describe('conclude-locations', () => {
  it('tells the release of a delivered deployment', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    const event = await given(deploymentStreamOf(environment, 1), {
      type: 'DeploymentDelivered',
      data: { ...reported('one', 1, 3), commit: COMMIT },
    });
    await concludeLocations(dependencies).react(event);
    expect(sent).toMatchObject([
      {
        type: 'ConcludeLocation',
        data: { release: releaseId('one'), location: 'dev', generation: 1, outcome: 'delivered', message: null },
        metadata: { causationId: event.id, correlationId: event.correlationId },
      },
    ]);
  });

  it('keeps the words of a rejection', async () => {
    const event = await given(deploymentStreamOf(environment, 1), {
      type: 'DeploymentRejected',
      data: { ...reported('one', 1, 1), reason: 'UnsupportedResource', message: 'no adapter for vm' },
    });
    await concludeLocations(dependencies).react(event);
    expect(sent).toMatchObject([{ data: { outcome: 'rejected', message: 'no adapter for vm' } }]);
  });

  it('concludes every generation that a newer one overtook, and stops at one that had concluded', async () => {
    await given(
      environmentStreamOf(environment),
      deploymentRequested('one', 1, 1),
      deploymentRequested('two', 2, 2),
      deploymentRequested('three', 3, 3),
      deploymentRequested('four', 4, 4),
    );
    await given(deploymentStreamOf(environment, 1), {
      type: 'DeploymentDelivered',
      data: { ...reported('one', 1, 1), commit: COMMIT },
    });
    const event = await given(deploymentStreamOf(environment, 4), {
      type: 'DeploymentAccepted',
      data: reported('four', 4, 2),
    });
    await concludeLocations(dependencies).react(event);
    expect(sent.map(({ data }) => data)).toMatchObject([
      { release: releaseId('three'), generation: 3, outcome: 'superseded' },
      { release: releaseId('two'), generation: 2, outcome: 'superseded' },
    ]);
  });

  it('says which release superseded a refused one', async () => {
    const event = await given(environmentStreamOf(environment), {
      type: 'DeploymentRefused',
      data: {
        environment,
        order: 1,
        release: releaseId('old'),
        supersededBy: { release: releaseId('new'), generation: 2 },
      },
    });
    await concludeLocations(dependencies).react(event);
    expect(sent).toMatchObject([{ data: { release: releaseId('old'), generation: null, outcome: 'superseded' } }]);
    expect(JSON.stringify(sent)).toContain(releaseId('new'));
  });

  it('confirms a removal to the environment', async () => {
    const event = await given(deploymentStreamOf(environment, 2), {
      type: 'DeploymentRemoved',
      data: { ...reported(null, 2, 1), commit: COMMIT },
    });
    await concludeLocations(dependencies).react(event);
    expect(sent).toMatchObject([{ type: 'ConfirmRemoval', data: { environment, generation: 2 } }]);
  });

  it('sends the same command ids when it sees an event again', async () => {
    const event = await given(deploymentStreamOf(environment, 1), {
      type: 'DeploymentHealthy',
      data: reported('one', 1, 1),
    });
    const policy = concludeLocations(dependencies);
    await policy.react(event);
    await policy.react(event);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
  });
});

describe('remove-branch', () => {
  it('cancels older releases, removes environments, and closes the ones that were about to come', async () => {
    await givenRelease('unfinished');
    const event = await given(projectStreamOf('a'), {
      type: 'BranchDeleted',
      data: { project: 'a', branch: 'dev', slot: 'dev' },
    });
    await givenRelease('later');
    const elsewhere = { project: 'a', slot: 'dev', location: 'elsewhere' };
    await removeBranch({
      ...dependencies,
      environmentsOfSlot: async () => [elsewhere],
      unfinishedReleases: async () => [releaseId('unfinished'), releaseId('later')],
      locationsOf: async () => ['dev'],
    }).react(event);
    const order = Number(event.position);
    expect(sent.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'CancelRelease', data: { release: releaseId('unfinished'), cause: 'branch-deleted', reason: null } },
      { type: 'RemoveEnvironment', data: { environment: elsewhere, order, cause: 'branch-deleted' } },
      { type: 'RemoveEnvironment', data: { environment, order, cause: 'branch-deleted' } },
    ]);
  });
});

describe('dispatch-desired', () => {
  it('publishes absence for a removal, with the ids of the event that asked', async () => {
    const event = await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1), {
      type: 'EnvironmentRemovalRequested',
      data: { environment, generation: 2, order: 5, cause: 'branch-deleted' },
    });
    const published: unknown[] = [];
    await dispatchDesired({
      store,
      catalogue,
      contents: { get: async () => '' },
      channel: {
        publish: async (record) => {
          published.push(record);
        },
      },
    }).react(event);
    expect(published).toEqual([
      {
        schema: 'waybill.dev/desired-record/v1',
        environment,
        generation: 2,
        state: 'absent',
        release: null,
        digest: null,
        desired: null,
        correlationId: event.correlationId,
        causationId: event.id,
      },
    ]);
  });
});

describe('roll-back', () => {
  const failed = (release: string): ReleaseEvent[] => [
    {
      type: 'ReleasePlanned',
      data: {
        release,
        metadataRevision: 0,
        resources: [{ resource: 'kubernetes-dev', kind: 'kubernetes', location: 'dev' }],
        stages: [['dev']],
      },
    },
    { type: 'StageStarted', data: { release, stage: 0, locations: ['dev'] } },
    { type: 'LocationConcluded', data: { release, location: 'dev', generation: 2, outcome: 'failed', message: 'no' } },
    { type: 'ReleaseFailed', data: { release, failed: ['dev'] } },
  ];

  it('asks for the last good release again, as it stood', async () => {
    await givenRelease('good');
    await given(environmentStreamOf(environment), deploymentRequested('good', 1, 1), deploymentRequested('bad', 2, 2));
    await given(deploymentStreamOf(environment, 1), {
      type: 'DeploymentDelivered',
      data: { ...reported('good', 1, 1), commit: COMMIT },
    });
    const event = await givenRelease('bad', ...failed(releaseId('bad')));
    await rollBack(dependencies).react(event);
    expect(sent).toMatchObject([
      { type: 'RequestRelease', data: { trigger: 'rollback', reuses: releaseId('good'), deliverable: null } },
    ]);
  });

  it('does nothing when nothing good ran before', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('bad', 1, 2));
    await rollBack(dependencies).react(await givenRelease('bad', ...failed(releaseId('bad'))));
    expect(sent).toEqual([]);
  });
});

describe('redeploy-on-config-change', () => {
  const noticed = (): Promise<RecordedEvent> =>
    given(environmentStreamOf(environment), {
      type: 'ConfigChangeNoticed',
      data: { environment, directory: 'a/dev', commit: COMMIT, digest: 'b'.repeat(40), author: null },
    });

  it.each(['nothing', 'redeploy'] as const)('does what the rule in force says: %s', async (onConfigChange) => {
    await givenRelease('one');
    await given(
      projectStreamOf('a'),
      { type: 'ProjectRegistered', data: { project: 'a', name: 'A' } },
      { type: 'BranchRulesDefined', data: { project: 'a', preset: null, rules: [{ ...dev!, onConfigChange }] } },
    );
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    await redeployOnConfigChange(dependencies).react(await noticed());
    expect(sent.map(({ type, data }) => ({ type, data }))).toMatchObject(
      onConfigChange === 'nothing'
        ? []
        : [{ type: 'RequestRelease', data: { trigger: 'config-change', reuses: releaseId('one') } }],
    );
  });
});

describe('schedule-windows', () => {
  it('sets one timer per opening, and the timer evaluates the release', async () => {
    const release = releaseId('one');
    const event = await givenRelease('one', {
      type: 'ReleaseHeld',
      data: { release, reasons: [{ kind: 'window-closed', opensAt: '2026-11-25T08:00:00.000Z' }] },
    });
    const timers: Parameters<ReturnType<typeof onTimerDue>>[0][] = [];
    const policy = scheduleWindows({ catalogue, timers: { schedule: async (timer) => void timers.push(timer) } });
    await policy.react(event);
    await policy.react(event);
    expect(timers[0]).toMatchObject({ due: '2026-11-25T08:00:00.000Z', release, causationId: event.id });
    expect(timers[1]!.id).toBe(timers[0]!.id);
    await onTimerDue(dependencies)(timers[0]!);
    expect(sent).toMatchObject([{ type: 'EvaluateRelease', data: { release } }]);
  });
});

describe('record-reports', () => {
  const report = {
    schema: 'waybill.dev/report/v1',
    kind: 'deployment',
    environment,
    generation: 1,
    release: releaseId('one'),
    epoch: 5,
    seq: 2,
    occurredAt: '2026-11-24T11:59:59.000Z',
    observation: { phase: 'accepted' },
  } as const;

  it('joins a report to what asked for its generation', async () => {
    const asked = await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    await recordReports(dependencies, () => undefined)([report]);
    expect(sent).toMatchObject([
      {
        type: 'RecordReport',
        data: { environment, generation: 1, epoch: 5, seq: 2 },
        metadata: {
          now: report.occurredAt,
          causationId: asked.id,
          correlationId: asked.correlationId,
          actor: { kind: 'operator', id: 'dev' },
        },
      },
    ]);
  });

  it('sends reports of one deployment together, and keeps the order of all', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1), deploymentRequested('two', 2, 2));
    const together: number[] = [];
    const { send } = dependencies;
    const counting: PolicyDependencies = {
      ...dependencies,
      send: (command) => {
        together.push([command].flat().length);
        return send(command);
      },
    };
    const connected = { schema: report.schema, kind: 'connected', location: 'dev', epoch: 5 } as const;
    await recordReports(
      counting,
      () => undefined,
    )([
      { ...connected, occurredAt: NOW, software: 'waybill/1', capabilities: [] },
      report,
      { ...report, seq: 3, observation: { phase: 'healthy' } },
      { ...report, generation: 2, seq: 4 },
    ]);
    expect(together).toEqual([1, 2, 1]);
    expect(sent.map(({ data }) => ('seq' in data ? data.seq : data))).toMatchObject([{ epoch: 5 }, 2, 3, 4]);
  });

  it('takes a report from the future back to now', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    await recordReports(dependencies, () => undefined)([{ ...report, occurredAt: '2027-01-01T00:00:00.000Z' }]);
    expect(sent).toMatchObject([{ metadata: { now: NOW } }]);
  });

  it('records nothing about a generation that was never asked for', async () => {
    const unknown: unknown[] = [];
    await recordReports(dependencies, (dropped) => void unknown.push(dropped))([report]);
    expect(sent).toEqual([]);
    expect(unknown).toEqual([report]);
  });
});
