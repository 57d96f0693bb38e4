import { describe, expect, it } from '@jest/globals';
import {
  type ReleaseEvent,
  catalogue,
  deploymentStreamOf,
  environmentStreamOf,
  projectStreamOf,
} from '@waybill/domain';
import { type RecordedEvent, RetryableError, WaybillError } from '@waybill/kernel';
import { redeployOnConfigChange, rollBack } from './follow-up.js';
import type { PolicyDependencies } from './policy.js';
import { recordReports } from './record-reports.js';
import {
  COMMIT,
  NOW,
  deploymentRequested,
  dev,
  environment,
  releaseId,
  reported,
  useHistory,
} from './testing/history.js';
import { onTimerDue, scheduleWindows } from './window-timer.js';

type PlannedData = Extract<ReleaseEvent, { type: 'ReleasePlanned' }>['data'];

const history = useHistory();
const { given, givenRelease } = history;

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
    await rollBack(history.dependencies).react(event);
    expect(history.sent).toMatchObject([
      { type: 'RequestRelease', data: { trigger: 'rollback', reuses: releaseId('good'), deliverable: null } },
    ]);
  });

  const good = () =>
    given(deploymentStreamOf(environment, 1), { type: 'DeploymentHealthy', data: reported('good', 1, 1) });

  it('names the failure that it follows, and asks the same again when it sees the event again', async () => {
    await givenRelease('good');
    await given(environmentStreamOf(environment), deploymentRequested('good', 1, 1), deploymentRequested('bad', 2, 2));
    await good();
    const event = await givenRelease('bad', ...failed(releaseId('bad')));
    await rollBack(history.dependencies).react(event);
    await rollBack(history.dependencies).react(event);
    expect(history.sent).toMatchObject([
      { data: { source: { via: 'policy', attributes: { rollbackOf: releaseId('bad') } } } },
      { metadata: { commandId: history.sent[0]!.metadata.commandId, causationId: event.id } },
    ]);
  });

  it('does nothing when something newer was asked for since', async () => {
    await givenRelease('good');
    const event = await givenRelease('bad', ...failed(releaseId('bad')));
    const later = Number(event.position) + 1;
    await given(
      environmentStreamOf(environment),
      deploymentRequested('good', 1, 1),
      deploymentRequested('bad', 2, 2),
      deploymentRequested('newer', 3, later),
    );
    await good();
    await rollBack(history.dependencies).react(event);
    expect(history.sent).toEqual([]);
  });

  const wentBack = (name: string, generation: number) =>
    given(deploymentStreamOf(environment, generation), {
      type: 'ReturnedToStable',
      data: { ...reported(name, generation, 1), why: 'analysis', durationMs: 500 },
    });

  it('brings nothing back where a rollout in steps went back by itself: what ran before never left', async () => {
    await givenRelease('good');
    await given(environmentStreamOf(environment), deploymentRequested('good', 1, 1), deploymentRequested('bad', 2, 2));
    await good();
    await wentBack('bad', 2);
    await rollBack(history.dependencies).react(await givenRelease('bad', ...failed(releaseId('bad'))));
    expect(history.sent).toEqual([]);
  });

  it('brings back everywhere when the release runs in another location already', async () => {
    await givenRelease('good');
    const second = { ...environment, location: 'prod2' };
    await given(environmentStreamOf(environment), deploymentRequested('good', 1, 1), deploymentRequested('bad', 2, 2));
    await good();
    await wentBack('bad', 2);
    const release = releaseId('bad');
    await given(deploymentStreamOf(second, 2), {
      type: 'DeploymentHealthy',
      data: { ...reported('bad', 2, 1), environment: second },
    });
    const [planned, started, concluded, ended] = failed(release);
    const both: ReleaseEvent[] = [
      { type: 'ReleasePlanned', data: { ...(planned as { data: PlannedData }).data, stages: [['dev', 'prod2']] } },
      {
        type: 'LocationConcluded',
        data: { release, location: 'prod2', generation: 2, outcome: 'healthy', message: null },
      },
    ];
    const event = await givenRelease('bad', both[0]!, started!, both[1]!, concluded!, ended!);
    await rollBack(history.dependencies).react(event);
    expect(history.sent).toMatchObject([{ type: 'RequestRelease', data: { trigger: 'rollback' } }]);
  });

  it('does not bring back what was removed', async () => {
    await givenRelease('good');
    await given(
      environmentStreamOf(environment),
      deploymentRequested('good', 1, 0),
      {
        type: 'EnvironmentRemovalRequested',
        data: { environment, generation: 2, order: 1, cause: 'branch-deleted' },
      },
      deploymentRequested('bad', 3, 2),
    );
    await good();
    await rollBack(history.dependencies).react(await givenRelease('bad', ...failed(releaseId('bad'))));
    expect(history.sent).toEqual([]);
  });

  it('does nothing when nothing good ran before', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('bad', 1, 2));
    await rollBack(history.dependencies).react(await givenRelease('bad', ...failed(releaseId('bad'))));
    expect(history.sent).toEqual([]);
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
    await redeployOnConfigChange(history.dependencies).react(await noticed());
    expect(history.sent.map(({ type, data }) => ({ type, data }))).toMatchObject(
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
    await onTimerDue(history.dependencies)(timers[0]!);
    expect(history.sent).toMatchObject([{ type: 'EvaluateRelease', data: { release } }]);
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
    await recordReports(history.dependencies, { onUnknown: () => undefined })([report]);
    expect(history.sent).toMatchObject([
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
    const { send } = history.dependencies;
    const counting: PolicyDependencies = {
      ...history.dependencies,
      send: (command) => {
        together.push([command].flat().length);
        return send(command);
      },
    };
    const connected = { schema: report.schema, kind: 'connected', location: 'dev', epoch: 5 } as const;
    await recordReports(counting, { onUnknown: () => undefined })([
      { ...connected, occurredAt: NOW, software: 'waybill/1', capabilities: [] },
      report,
      { ...report, seq: 3, observation: { phase: 'healthy' } },
      { ...report, generation: 2, seq: 4 },
    ]);
    expect(together).toEqual([1, 2, 1]);
    expect(history.sent.map(({ data }) => ('seq' in data ? data.seq : data))).toMatchObject([{ epoch: 5 }, 2, 3, 4]);
  });

  it('hears of the same operator again what is served by then', async () => {
    const connected = { schema: report.schema, kind: 'connected', location: 'dev', epoch: 5, software: 'w/1' } as const;
    const first = { ...connected, occurredAt: NOW, capabilities: ['apps/v1'] };
    const later = { ...connected, occurredAt: NOW.replace('.000Z', '.001Z'), capabilities: ['apps/v1', 'batch/v1'] };
    await recordReports(history.dependencies, { onUnknown: () => undefined })([first, later, first]);
    const ids = history.sent.map(({ metadata }) => metadata.commandId);
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
  });

  it('tells which reports can never be recorded, and records the others that came with them', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    const { send } = history.dependencies;
    const refusing: PolicyDependencies = {
      ...history.dependencies,
      send: (command) => {
        if (JSON.stringify(command).includes('"seq":3')) throw new WaybillError('INVALID_EVENT', 'message: is odd');
        return send(command);
      },
    };
    const odd = { ...report, seq: 3 };
    const used = { schema: report.schema, kind: 'connected', location: 'dev', epoch: 5, occurredAt: NOW } as const;
    const record = recordReports(refusing, { onUnknown: () => undefined });
    expect(await record([report, odd, { ...report, seq: 4 }])).toEqual([{ report: odd, problem: 'message: is odd' }]);
    expect(history.sent.map(({ data }) => 'seq' in data && data.seq)).toEqual([2, 4]);
    const conflict = new WaybillError('COMMAND_ID_CONFLICT', 'command id 1 was already used');
    const again = recordReports({ ...refusing, send: () => Promise.reject(conflict) }, { onUnknown: () => undefined });
    const connected = { ...used, software: 'other/1', capabilities: [] };
    expect(await again([connected])).toEqual([
      { report: connected, problem: 'its epoch and seq were told before with other content' },
    ]);
  });

  it('is not done with reports while the store is away', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    const away = new RetryableError('STORE_UNAVAILABLE', 'the store is away');
    const failing: PolicyDependencies = { ...history.dependencies, send: () => Promise.reject(away) };
    await expect(recordReports(failing, { onUnknown: () => undefined })([report])).rejects.toBe(away);
  });

  it('takes a report from the future back to now', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    await recordReports(history.dependencies, { onUnknown: () => undefined })([
      { ...report, occurredAt: '2027-01-01T00:00:00.000Z' },
    ]);
    expect(history.sent).toMatchObject([{ metadata: { now: NOW } }]);
  });

  it('tells who was heard, and records nothing of a heartbeat', async () => {
    const heard: unknown[] = [];
    const heartbeat = { schema: report.schema, kind: 'heartbeat', location: 'dev', epoch: 6, occurredAt: NOW } as const;
    await recordReports(history.dependencies, {
      onUnknown: () => undefined,
      onHeard: (...who) => void heard.push(who),
    })([heartbeat]);
    expect(history.sent).toEqual([]);
    expect(heard).toEqual([['dev', 6]]);
  });

  it('records nothing about a generation that was never asked for', async () => {
    const unknown: unknown[] = [];
    await recordReports(history.dependencies, { onUnknown: (dropped) => void unknown.push(dropped) })([report]);
    expect(history.sent).toEqual([]);
    expect(unknown).toEqual([report]);
  });
});
