import { describe, it } from '@jest/globals';
import { domainSpec } from '../testing/domain-spec.js';
import { POLICY, commit, image, metadataOf, sha } from '../testing/releases.js';
import type { EnvironmentCommand } from './commands.js';
import { environmentDecider } from './decide.js';
import type { EnvironmentEvent } from './events.js';

const given = domainSpec(environmentDecider);
const environment = { project: 'a', slot: 'dev', location: 'dev' };
const metadata = metadataOf(POLICY);
const releaseId = (order: number): string => `0198b6a0-0000-7000-8000-${String(order).padStart(12, '0')}`;

const intent = (order: number, configuration = 1) => ({
  environment,
  order,
  release: releaseId(order),
  ref: { kind: 'branch' as const, name: 'dev' },
  commit: commit(1),
  deliverable: image(1),
  tier: 'dev' as const,
  configDigest: commit(configuration),
  desired: sha(1),
});

/** A release is named by its order. */
const request = (order: number): EnvironmentCommand => ({
  type: 'RequestDeployment',
  data: intent(order),
  context: undefined,
  metadata,
});
const requested = (order: number, generation: number, replaces: number | null): EnvironmentEvent => ({
  type: 'DeploymentRequested',
  data: { ...intent(order), generation, replaces },
});
const refused = (order: number, newer: [order: number, generation: number] | null): EnvironmentEvent => ({
  type: 'DeploymentRefused',
  data: {
    environment,
    order,
    release: releaseId(order),
    supersededBy: newer && { release: releaseId(newer[0]), generation: newer[1] },
  },
});

const remove = (order: number, cause: 'branch-deleted' | 'requested' = 'branch-deleted'): EnvironmentCommand => ({
  type: 'RemoveEnvironment',
  data: { environment, order, cause },
  context: undefined,
  metadata,
});
const removing = (order: number, generation: number): EnvironmentEvent => ({
  type: 'EnvironmentRemovalRequested',
  data: { environment, order, generation, cause: 'branch-deleted' },
});
const closed = (order: number): EnvironmentEvent => ({
  type: 'EnvironmentClosed',
  data: { environment, order, cause: 'branch-deleted' },
});

const confirm = (generation: number): EnvironmentCommand => ({
  type: 'ConfirmRemoval',
  data: { environment, generation },
  context: undefined,
  metadata,
});
const removed = (generation: number): EnvironmentEvent => ({
  type: 'EnvironmentRemoved',
  data: { environment, generation },
});

const change = (n: number) => ({ environment, directory: 'a/dev', commit: commit(n), digest: commit(n), author: null });
const notice = (n: number): EnvironmentCommand => ({
  type: 'NoticeConfigChange',
  data: change(n),
  context: undefined,
  metadata,
});
const noticed = (n: number): EnvironmentEvent => ({ type: 'ConfigChangeNoticed', data: change(n) });

describe('requesting a deployment', () => {
  it('is accepted with the next generation, which replaces the one before', () => {
    given()
      .when(request(10))
      .then(requested(10, 1, null));
    given(requested(10, 1, null))
      .when(request(20))
      .then(requested(20, 2, 1));
  });

  it('is accepted at order 0, the lowest there is', () => {
    given()
      .when(request(0))
      .then(requested(0, 1, null));
  });

  it('twice is once', () => {
    given(requested(10, 1, null))
      .when(request(10))
      .thenNothing();
  });

  it('is refused when something newer runs, and told what', () => {
    given(requested(20, 1, null))
      .when(request(10))
      .then(refused(10, [20, 1]));
    given(requested(20, 1, null), requested(30, 2, 1))
      .when(request(10))
      .then(refused(10, [30, 2]));
  });

  it('is refused once', () => {
    given(requested(20, 1, null), refused(10, [20, 1]))
      .when(request(10))
      .thenNothing();
  });

  it('is refused when another release has its order, which positions do not allow', () => {
    given(requested(20, 1, null))
      .when({ ...request(20), data: { ...intent(20), release: releaseId(10) } } as EnvironmentCommand)
      .then({
        ...refused(20, [20, 1]),
        data: { ...refused(20, [20, 1]).data, release: releaseId(10) },
      } as EnvironmentEvent);
  });

  it('is refused when the environment was removed or closed later, and nothing newer can be named', () => {
    given(requested(10, 1, null), removing(30, 2))
      .when(request(20))
      .then(refused(20, null));
    given(requested(10, 1, null), removing(30, 2), removed(2))
      .when(request(20))
      .then(refused(20, null));
    given(closed(30)).when(request(20)).then(refused(20, null));
  });

  it('goes on with the generations after a removal, confirmed or not, and replaces nothing', () => {
    given(requested(10, 1, null), removing(20, 2))
      .when(request(30))
      .then(requested(30, 3, null));
    given(requested(10, 1, null), removing(20, 2), removed(2))
      .when(request(30))
      .then(requested(30, 3, null));
    given(closed(20))
      .when(request(30))
      .then(requested(30, 1, null));
  });
});

describe('removing an environment', () => {
  it('takes a generation of its own', () => {
    given(requested(10, 1, null))
      .when(remove(20))
      .then(removing(20, 2));
  });

  it('only closes one where nothing is wanted, so that older releases stay out', () => {
    given().when(remove(20)).then(closed(20));
    given(requested(10, 1, null), removing(20, 2))
      .when(remove(30))
      .then(closed(30));
    given(requested(10, 1, null), removing(20, 2), removed(2))
      .when(remove(30))
      .then(closed(30));
  });

  it('does nothing when a newer push came already, or a later removal', () => {
    given(requested(20, 1, null))
      .when(remove(10))
      .thenNothing();
    given(closed(20)).when(remove(10)).thenNothing();
    given(closed(20)).when(remove(20)).thenNothing();
    given(requested(10, 1, null), removing(20, 2))
      .when(remove(20))
      .thenNothing();
  });

  it('is confirmed once, by the newest generation only', () => {
    given(requested(10, 1, null), removing(20, 2))
      .when(confirm(2))
      .then(removed(2));
    given(requested(10, 1, null), removing(20, 2), removed(2))
      .when(confirm(2))
      .thenNothing();
    given(requested(10, 1, null), removing(20, 2))
      .when(confirm(1))
      .thenNothing();
    given(requested(10, 1, null), removing(20, 2))
      .when(confirm(3))
      .thenNothing();
    given(requested(10, 1, null), removing(20, 2), requested(30, 3, null))
      .when(confirm(2))
      .thenNothing();
    given(requested(10, 1, null))
      .when(confirm(1))
      .thenNothing();
  });

  it('is still confirmed after it was closed for later releases', () => {
    given(requested(10, 1, null), removing(20, 2), closed(30))
      .when(confirm(2))
      .then(removed(2));
  });
});

describe('a change of the configuration', () => {
  it('is noticed once, when it differs from what runs', () => {
    given(requested(10, 1, null))
      .when(notice(2))
      .then(noticed(2));
    given(requested(10, 1, null), noticed(2))
      .when(notice(2))
      .thenNothing();
    given(requested(10, 1, null), noticed(2))
      .when(notice(3))
      .then(noticed(3));
    given(requested(10, 1, null))
      .when(notice(1))
      .thenNothing();
  });

  it('is noticed once more when it is taken back', () => {
    given(requested(10, 1, null), noticed(2))
      .when(notice(1))
      .then(noticed(1));
    given(requested(10, 1, null), noticed(2), noticed(1))
      .when(notice(1))
      .thenNothing();
    given(requested(10, 1, null), noticed(2), noticed(1))
      .when(notice(2))
      .then(noticed(2));
  });

  it('is noticed anew after another deployment', () => {
    given(requested(10, 1, null), noticed(2), requested(20, 2, 1))
      .when(notice(2))
      .then(noticed(2));
  });

  it('does not matter where nothing runs', () => {
    given().when(notice(2)).thenNothing();
    given(requested(10, 1, null), removing(20, 2))
      .when(notice(2))
      .thenNothing();
    given(requested(10, 1, null), removing(20, 2), removed(2))
      .when(notice(2))
      .thenNothing();
  });
});
