import { describe, expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { deploymentStreamOf, environmentStreamOf, projectStreamOf } from '@waybill/domain';
import { concludeLocations } from './conclude.js';
import { dispatchDesired } from './dispatch.js';
import { removeBranch } from './remove-branch.js';
import { COMMIT, deploymentRequested, environment, releaseId, reported, useHistory } from './testing/history.js';

const history = useHistory();
const { given, givenRelease } = history;

describe('conclude-locations', () => {
  it('tells the release of a delivered deployment', async () => {
    await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    const event = await given(deploymentStreamOf(environment, 1), {
      type: 'DeploymentDelivered',
      data: { ...reported('one', 1, 3), commit: COMMIT },
    });
    await concludeLocations(history.dependencies).react(event);
    expect(history.sent).toMatchObject([
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
    await concludeLocations(history.dependencies).react(event);
    expect(history.sent).toMatchObject([{ data: { outcome: 'rejected', message: 'no adapter for vm' } }]);
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
    await concludeLocations(history.dependencies).react(event);
    expect(history.sent.map(({ data }) => data)).toMatchObject([
      { release: releaseId('three'), generation: 3, outcome: 'superseded' },
      { release: releaseId('two'), generation: 2, outcome: 'superseded' },
    ]);
  });

  it('concludes what was passed over with a removal in between, and what is overtaken by a rejection', async () => {
    await given(
      environmentStreamOf(environment),
      deploymentRequested('one', 1, 1),
      {
        type: 'EnvironmentRemovalRequested',
        data: { environment, generation: 2, order: 2, cause: 'branch-deleted' },
      },
      deploymentRequested('three', 3, 3),
    );
    const event = await given(deploymentStreamOf(environment, 3), {
      type: 'DeploymentRejected',
      data: { ...reported('three', 3, 1), reason: 'NewerSchema', message: 'cannot be read' },
    });
    await concludeLocations(history.dependencies).react(event);
    expect(history.sent.map(({ data }) => data)).toMatchObject([
      { release: releaseId('one'), generation: 1, outcome: 'superseded' },
      { release: releaseId('three'), generation: 3, outcome: 'rejected' },
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
    await concludeLocations(history.dependencies).react(event);
    expect(history.sent).toMatchObject([
      { data: { release: releaseId('old'), generation: null, outcome: 'superseded' } },
    ]);
    expect(JSON.stringify(history.sent)).toContain(releaseId('new'));
  });

  it('confirms a removal to the environment', async () => {
    const event = await given(deploymentStreamOf(environment, 2), {
      type: 'DeploymentRemoved',
      data: { ...reported(null, 2, 1), commit: COMMIT },
    });
    await concludeLocations(history.dependencies).react(event);
    expect(history.sent).toMatchObject([{ type: 'ConfirmRemoval', data: { environment, generation: 2 } }]);
  });

  it('sends the same command ids when it sees an event again', async () => {
    const event = await given(deploymentStreamOf(environment, 1), {
      type: 'DeploymentHealthy',
      data: reported('one', 1, 1),
    });
    const policy = concludeLocations(history.dependencies);
    await policy.react(event);
    await policy.react(event);
    expect(history.sent).toHaveLength(2);
    expect(history.sent[1]).toEqual(history.sent[0]);
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
      ...history.dependencies,
      environmentsOfSlot: async () => [elsewhere],
      unfinishedReleases: async () => [releaseId('unfinished'), releaseId('later')],
      locationsOf: async () => ['dev'],
    }).react(event);
    const order = Number(event.position);
    expect(history.sent.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'CancelRelease', data: { release: releaseId('unfinished'), cause: 'branch-deleted', reason: null } },
      { type: 'RemoveEnvironment', data: { environment: elsewhere, order, cause: 'branch-deleted' } },
      { type: 'RemoveEnvironment', data: { environment, order, cause: 'branch-deleted' } },
    ]);
  });
});

describe('dispatch-desired', () => {
  it('publishes the same generation again with each directive, and with the ids of what asked for it', async () => {
    const asked = await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
    const direct = (seq: number, directive: 'pause' | 'abort') =>
      given(environmentStreamOf(environment), {
        type: 'RolloutDirected',
        data: { environment, generation: 1, seq, directive, full: false, by: 'p-1a2b3c4d' },
      });
    const paused = await direct(1, 'pause');
    const aborted = await direct(2, 'abort');
    const published: DesiredRecord[] = [];
    const policy = dispatchDesired({
      ...history.dependencies,
      contents: { get: async () => '{"strategy":{"type":"canary"}}' },
      channel: { publish: async (record) => void published.push(record) },
    });
    for (const event of [asked, paused, aborted]) await policy.react(event);
    expect(published.map(({ generation, directive }) => [generation, directive?.seq, directive?.kind])).toEqual([
      [1, undefined, undefined],
      [1, 1, 'pause'],
      [1, 2, 'abort'],
    ]);
    expect(new Set(published.map(({ digest }) => digest)).size).toBe(1);
    expect(new Set(published.map(({ causationId }) => causationId))).toEqual(new Set([asked.id]));
  });

  it('publishes absence for a removal, with the ids of the event that asked', async () => {
    const event = await given(environmentStreamOf(environment), deploymentRequested('one', 1, 1), {
      type: 'EnvironmentRemovalRequested',
      data: { environment, generation: 2, order: 5, cause: 'branch-deleted' },
    });
    const published: unknown[] = [];
    await dispatchDesired({
      ...history.dependencies,
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
        directive: null,
        correlationId: event.correlationId,
        causationId: event.id,
      },
    ]);
  });
});
