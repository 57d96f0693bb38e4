import {
  type BranchRule,
  type DeploymentEvent,
  type EnvironmentEvent,
  type Hold,
  type LocationEvent,
  type ProjectEvent,
  type ReleaseEvent,
  catalogue,
  deploymentStreamOf,
  environmentStreamOf,
  locationStreamOf,
  projectStreamOf,
  releaseStreamOf,
} from '@waybill/domain';
import { type Actor, type EventStore, type RecordedEvent, derivedId } from '@waybill/kernel';

type Written = ProjectEvent | LocationEvent | ReleaseEvent | EnvironmentEvent | DeploymentEvent;

const ANNA: Actor = { kind: 'person', id: 'p-1a2b3c4d', roles: ['developer'] };
const POLICY: Actor = { kind: 'policy', id: 'release', roles: [] };
const OPERATOR: Actor = { kind: 'operator', id: 'prod1', roles: ['adapter'] };

const PROJECT = 'shop';
const REF = { kind: 'branch', name: 'feature/login' } as const;
const SLOT = 'feature-login-5f2a9c01d3';
const HASH = 'a'.repeat(64);
const COMMIT = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const DIGEST = '3'.repeat(40);
const environment = { project: PROJECT, slot: SLOT, location: 'prod1' };

const image = (digit: string) =>
  ({
    kind: 'image',
    image: 'registry.example:5000/retail/shop:1.4.0',
    digest: `sha256:${digit.repeat(64)}`,
  }) as const;

const RULE: BranchRule = {
  name: 'features',
  kind: 'branch',
  pattern: '^feature/',
  resources: ['kubernetes-prod1'],
  tier: 'feature',
  directory: 'feature',
  strategy: { type: 'rolling' },
  approvals: 1,
  stages: [],
  onConfigChange: 'nothing',
  onFailure: 'rollback',
};

/**
 * A history with every event that the feed tells of: a release that goes out, one that upgrades it, one that rolls
 * back, drift, refusals and the end of the branch. The same ids and instants every time.
 *
 * @param rounds how often the releases are told, each time with ids of their own
 */
export async function writeFeedStory(store: EventStore, rounds = 1): Promise<void> {
  const heads = new Map<string, number>();
  let written = 0;

  /** `cause` undefined: somebody asked. */
  async function write(stream: string, actor: Actor, event: Written, cause?: RecordedEvent): Promise<RecordedEvent> {
    written += 1;
    const { version, data } = catalogue.check(event);
    const commandId = derivedId('feed-story', String(written));
    const head = heads.get(stream);
    const { events } = await store.append(
      stream,
      [
        {
          id: derivedId('feed-story-event', String(written)),
          type: event.type,
          version,
          occurredAt: new Date(Date.UTC(2026, 0, 5, 9) + written * 1000).toISOString(),
          actor,
          commandId,
          commandDigest: HASH,
          correlationId: cause?.correlationId ?? commandId,
          causationId: cause?.id ?? commandId,
          data,
        },
      ],
      head ?? 'no-stream',
    );
    heads.set(stream, (head ?? -1) + 1);
    return events[0]!;
  }

  const ofRelease = (event: ReleaseEvent, cause?: RecordedEvent, actor = cause ? POLICY : ANNA) =>
    write(releaseStreamOf(event.data.release), actor, event, cause);
  const ofEnvironment = (event: EnvironmentEvent, cause?: RecordedEvent, actor = POLICY) =>
    write(environmentStreamOf(environment), actor, event, cause);
  const ofDeployment = (event: DeploymentEvent, cause?: RecordedEvent) =>
    write(deploymentStreamOf(environment, event.data.generation), OPERATOR, event, cause);
  const ofLocation = (event: LocationEvent) => write(locationStreamOf('prod1'), OPERATOR, event);

  let seq = 0;
  let generation = 0;

  const request = (release: string, trigger: 'push' | 'rollback') =>
    ofRelease({
      type: 'ReleaseRequested',
      data: {
        release,
        project: PROJECT,
        ref: REF,
        commit: COMMIT,
        deliverable: null,
        requestedBy: ANNA.id,
        trigger,
        reuses: null,
        source: {
          via: 'cli',
          pipelineId: '81234',
          jobId: '990001',
          url: 'https://ci.example/jobs/990001',
          attributes: { ticket: 'SHOP-17' },
        },
      },
    });

  async function prepare(release: string, requested: RecordedEvent, deliverable: ReturnType<typeof image>) {
    await ofRelease({ type: 'BranchMatched', data: { release, rulesRevision: 4, rule: RULE, slot: SLOT } }, requested);
    await ofRelease({ type: 'DeliverableProvided', data: { release, deliverable } }, requested);
    const repository = 'https://git.example/config.git';
    const misread = { directory: 'shop/feature', problem: 'invalid', file: 'waybill.yaml', line: 3 } as const;
    const message = 'replicas: expected a number';
    await ofRelease({ type: 'ConfigUnresolved', data: { release, repository, ...misread, message } }, requested);
    const config = {
      repository,
      directory: 'shop/feature',
      fallback: true,
      commit: COMMIT,
      digest: DIGEST,
      contents: HASH,
      committedAt: null,
      author: null,
    };
    const resolved = await ofRelease({ type: 'ConfigResolved', data: { release, config } }, requested);
    const waits: Hold = { kind: 'approval-pending', have: 0, need: 1, approvers: [ANNA.id] };
    await ofRelease({ type: 'ReleaseHeld', data: { release, reasons: [waits] } }, resolved);
  }

  async function approveAndStart(release: string, deliverable: ReturnType<typeof image>): Promise<RecordedEvent> {
    const approval = { approver: ANNA.id, deliverable, configDigest: DIGEST, rulesRevision: 4 };
    const approved = await ofRelease({ type: 'ReleaseApproved', data: { release, ...approval } });
    const resources = [{ resource: 'kubernetes-prod1', kind: 'kubernetes', location: 'prod1' } as const];
    const plan = { metadataRevision: 3, resources, stages: [['prod1']] };
    await ofRelease({ type: 'ReleasePlanned', data: { release, ...plan } }, approved);
    return ofRelease({ type: 'StageStarted', data: { release, stage: 0, locations: ['prod1'] } }, approved);
  }

  async function generate(release: string, deliverable: ReturnType<typeof image>, started: RecordedEvent) {
    const replaces = generation === 0 ? null : generation;
    generation += 1;
    return ofEnvironment(
      {
        type: 'DeploymentRequested',
        data: {
          environment,
          generation,
          order: Number(started.position),
          release,
          ref: REF,
          commit: COMMIT,
          deliverable,
          tier: 'feature',
          configDigest: DIGEST,
          desired: HASH,
          replaces,
        },
      },
      started,
    );
  }

  const reported = (release: string | null) => ({ environment, generation, release, epoch: 1, seq: ++seq });

  async function conclude(release: string, cause: RecordedEvent, outcome: 'healthy' | 'failed') {
    const message = outcome === 'failed' ? 'ImagePullBackOff: manifest unknown' : null;
    await ofRelease(
      { type: 'LocationConcluded', data: { release, location: 'prod1', generation, outcome, message } },
      cause,
    );
    await ofRelease(
      outcome === 'failed'
        ? { type: 'ReleaseFailed', data: { release, failed: ['prod1'] } }
        : { type: 'ReleaseCompleted', data: { release, outcome } },
      cause,
    );
  }

  async function rollOut(release: string, asked: RecordedEvent): Promise<RecordedEvent> {
    const object = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'shop' };
    const objects = [object];
    const tell = (event: DeploymentEvent) => ofDeployment(event, asked);
    await tell({ type: 'DeploymentAccepted', data: reported(release) });
    await tell({ type: 'ManifestsAdapted', data: { ...reported(release), objects, inventoryHash: HASH } });
    const delay = { attempt: 1, reason: 'ServerTimeout', message: 'the server did not answer in time' };
    await tell({ type: 'DeploymentDelayed', data: { ...reported(release), ...delay } });
    const applied = { inventoryHash: HASH, commit: null, durationMs: 212.5 };
    await tell({ type: 'ManifestsApplied', data: { ...reported(release), ...applied } });
    await tell({ type: 'DeploymentRolledOut', data: { ...reported(release), durationMs: 3100 } });
    await tell({ type: 'ObjectsPruned', data: { ...reported(release), objects, durationMs: 40 } });
    return tell({ type: 'DeploymentHealthy', data: reported(release) });
  }

  async function shiftAndReturn(release: string, asked: RecordedEvent): Promise<void> {
    const tell = (event: DeploymentEvent) => ofDeployment(event, asked);
    const shifted = { step: 1, of: 2, weight: 10, track: 'green', durationMs: 412.5 } as const;
    await tell({ type: 'TrafficShifted', data: { ...reported(release), ...shifted } });
    await tell({ type: 'RolloutPaused', data: { ...reported(release), step: 1, until: null, why: 'step' } });
    const measured = {
      step: 1,
      measurement: 1,
      verdict: 'failed',
      value: 0.073,
      message: '0.073 is above 0.05',
    } as const;
    await tell({ type: 'AnalysisMeasured', data: { ...reported(release), ...measured } });
    const directed = { environment, generation, seq: 1, directive: 'promote', full: false, by: ANNA.id } as const;
    await ofEnvironment({ type: 'RolloutDirected', data: directed }, undefined, ANNA);
    await tell({ type: 'RolloutResumed', data: { ...reported(release), step: 1, why: 'directive' } });
    await tell({ type: 'ReturnedToStable', data: { ...reported(release), why: 'analysis', durationMs: 530.25 } });
    const words = { reason: 'AnalysisFailed', message: '0.073 is above 0.05' };
    await conclude(
      release,
      await tell({ type: 'DeploymentFailed', data: { ...reported(release), ...words } }),
      'failed',
    );
  }

  for (const location of [OPERATOR.id]) {
    const software = { name: 'waybill', version: '0.1.0' };
    await ofLocation({ type: 'OperatorConnected', data: { location, epoch: 1, software, capabilities: ['apps/v1'] } });
    await ofLocation({ type: 'OperatorSilent', data: { location, epoch: 1 } });
    await ofLocation({ type: 'OperatorHeard', data: { location, epoch: 1 } });
  }

  for (let round = 1; round <= rounds; round++) {
    const id = (name: string): string => derivedId('feed-story-release', String(round), name);

    for (const [name, trigger, digit] of [
      ['first', 'push', '1'],
      ['second', 'push', '2'],
      ['back', 'rollback', '1'],
    ] as const) {
      const release = id(name);
      const requested = await request(release, trigger);
      await prepare(release, requested, image(digit));
      const started = await approveAndStart(release, image(digit));
      const asked = await generate(release, image(digit), started);
      const healthy = await rollOut(release, asked);
      await conclude(release, healthy, 'healthy');
    }

    const last = id('back');
    const paths = ['apps/Deployment shop/shop: spec.replicas'];
    const noticedAt = '2026-01-05T10:00:00.000Z';
    await ofDeployment({ type: 'DriftDetected', data: { ...reported(last), paths, commit: null, noticedAt } });
    await ofDeployment({ type: 'DriftHealed', data: { ...reported(last), commit: null } });
    await ofDeployment({ type: 'DeploymentHealthy', data: reported(last) });

    const bad = id('bad');
    await prepare(bad, await request(bad, 'push'), image('4'));
    const asked = await generate(bad, image('4'), await approveAndStart(bad, image('4')));
    await ofDeployment({ type: 'DeploymentDelivered', data: { ...reported(bad), commit: COMMIT } }, asked);
    const words = { reason: 'ImagePullBackOff', message: 'manifest unknown' };
    await ofDeployment({ type: 'DeploymentRejected', data: { ...reported(bad), ...words } }, asked);
    const failed = await ofDeployment({ type: 'DeploymentFailed', data: { ...reported(bad), ...words } }, asked);
    await conclude(bad, failed, 'failed');

    const canary = id('canary');
    await prepare(canary, await request(canary, 'push'), image('5'));
    await shiftAndReturn(canary, await generate(canary, image('5'), await approveAndStart(canary, image('5'))));

    const unmatched = id('unmatched');
    const why = { rulesRevision: 4, reason: 'no-match', closest: 'features' } as const;
    await ofRelease(
      { type: 'BranchUnmatched', data: { release: unmatched, ...why } },
      await request(unmatched, 'push'),
    );
    const refused = id('refused');
    await request(refused, 'push');
    await ofRelease({ type: 'ReleaseRefused', data: { release: refused, by: ANNA.id, reason: HASH } });
    const late = id('late');
    const asking = await request(late, 'push');
    const order = Number(asking.position);
    const newer = { release: bad, generation };
    await ofEnvironment(
      { type: 'DeploymentRefused', data: { environment, order, release: late, supersededBy: newer } },
      asking,
    );
    const change = { directory: 'shop/feature', commit: COMMIT, digest: DIGEST, author: null };
    await ofEnvironment({ type: 'ConfigChangeNoticed', data: { environment, ...change } });
  }

  const deleted = await write(projectStreamOf(PROJECT), POLICY, {
    type: 'BranchDeleted',
    data: { project: PROJECT, branch: REF.name, slot: SLOT },
  });
  const open = derivedId('feed-story-release', 'open');
  await request(open, 'push');
  await ofRelease(
    { type: 'ReleaseCancelled', data: { release: open, by: null, cause: 'branch-deleted', reason: null } },
    deleted,
  );
  const order = Number(deleted.position);
  generation += 1;
  const removal = await ofEnvironment(
    { type: 'EnvironmentRemovalRequested', data: { environment, generation, order, cause: 'branch-deleted' } },
    deleted,
  );
  const removed = await ofDeployment({ type: 'DeploymentRemoved', data: { ...reported(null), commit: null } }, removal);
  await ofEnvironment({ type: 'EnvironmentRemoved', data: { environment, generation } }, removed);
  await ofEnvironment({ type: 'EnvironmentClosed', data: { environment, order, cause: 'branch-deleted' } }, deleted);
}
