import { describe, it } from '@jest/globals';
import { domainSpec } from '../testing/domain-spec.js';
import { POLICY, commit, image, metadataOf, sha } from '../testing/releases.js';
import type { EnvironmentCommand } from './commands.js';
import { environmentDecider } from './decide.js';
import type { EnvironmentEvent } from './events.js';

const given = domainSpec(environmentDecider);
const metadata = metadataOf(POLICY);
const old = { project: 'a', slot: 'prod', location: 'prod1' };
const copy = { ...old, location: 'prod3' };
const releaseId = (order: number): string => `0198b6a0-0000-7000-8000-${String(order).padStart(12, '0')}`;

const intent = (order: number, environment = old) => ({
  environment,
  order,
  release: releaseId(order),
  ref: { kind: 'tag' as const, name: 'v1' },
  commit: commit(1),
  deliverable: image(1),
  tier: 'prod' as const,
  configDigest: commit(1),
  desired: sha(1),
});
type Name = EnvironmentCommand['type'];
const command = <T extends Name>(type: T, data: Extract<EnvironmentCommand, { type: T }>['data']): EnvironmentCommand =>
  ({ type, data, context: undefined, metadata }) as EnvironmentCommand;

const copying = (order: number, generation = 1, counts = false, migration = 1): EnvironmentCommand =>
  command('CopyEnvironment', { ...intent(order, copy), migratedFrom: old, generation, migration, counts });
const requested = (
  order: number,
  generation: number,
  replaces: number | null,
  environment = old,
): EnvironmentEvent => ({
  type: 'DeploymentRequested',
  data: { ...intent(order, environment), generation, replaces },
});
const copied = (order: number, generation: number, replaces: number | null, original = 1): EnvironmentEvent => ({
  type: 'DeploymentRequested',
  data: {
    ...intent(order, copy),
    generation,
    replaces,
    copyOf: { location: 'prod1', generation: original },
    counts: false,
  },
});
const isCopy = (migration = 1, generation = 1): EnvironmentEvent => ({
  type: 'EnvironmentCopied',
  data: { environment: copy, migration, migratedFrom: old, generation },
});
const removing = (
  environment: typeof old,
  generation: number,
  order: number,
  cause: 'migrated' | 'migration-reverted' | 'branch-deleted' | 'requested',
): EnvironmentEvent => ({ type: 'EnvironmentRemovalRequested', data: { environment, generation, order, cause } });
const cutOver: EnvironmentEvent = {
  type: 'EnvironmentCutOver',
  data: { environment: old, migration: 1, to: 'prod3', release: releaseId(5), generation: 1 },
};
const cutBack: EnvironmentEvent = {
  type: 'EnvironmentCutBack',
  data: { environment: old, migration: 1, to: 'prod3' },
};
const moved = [requested(5, 1, null), cutOver, removing(old, 2, 5, 'migrated')];

describe('a copy', () => {
  it('is requested with the order of what it copies, and says whose history it carries on', () => {
    given()
      .when(copying(5))
      .then(copied(5, 1, null), isCopy());
  });

  it('is made once, and keeps up', () => {
    given(copied(5, 1, null), isCopy())
      .when(copying(5))
      .thenNothing();
    given(copied(5, 1, null), isCopy())
      .when(copying(6, 2))
      .then(copied(6, 2, 1, 2));
  });

  it('never replaces what was asked for later', () => {
    given(copied(7, 1, null), isCopy())
      .when(copying(6))
      .thenNothing();
  });

  it('of what runs there already only says so', () => {
    given(requested(5, 1, null, copy))
      .when(copying(5))
      .then(isCopy());
  });

  it('goes with its migration, and may come back with the next one as it was', () => {
    const remove = command('RemoveCopy', { environment: copy, migration: 1 });
    const gone = removing(copy, 2, 5, 'migration-reverted');
    given(copied(5, 1, null), isCopy())
      .when(remove)
      .then(gone);
    given(copied(5, 1, null), isCopy(2))
      .when(remove)
      .thenNothing();
    given(copied(5, 1, null), isCopy(), gone)
      .when(remove)
      .thenNothing();
    given(copied(5, 1, null), isCopy(), gone)
      .when(copying(5, 1, false, 2))
      .then(copied(5, 3, null), isCopy(2));
  });

  it('that was removed by hand, or with its branch, stays away', () => {
    for (const cause of ['requested', 'branch-deleted'] as const) {
      given(copied(5, 1, null), isCopy(), removing(copy, 2, 9, cause))
        .when(copying(5))
        .thenNothing();
    }
  });

  it('that cannot be planned is refused in words, once', () => {
    const why = { environment: old, migration: 1, to: 'prod3', release: releaseId(5), message: 'no content' };
    const told: EnvironmentEvent = { type: 'EnvironmentCopyRefused', data: why };
    given(requested(5, 1, null))
      .when(command('RefuseCopy', why))
      .then(told);
    given(requested(5, 1, null), told)
      .when(command('RefuseCopy', why))
      .thenNothing();
    given(requested(6, 1, null))
      .when(command('RefuseCopy', why))
      .thenNothing();
  });
});

describe('the cut-over', () => {
  const ask = command('CutOverEnvironment', cutOver.data as never);

  it('is for what runs there now, and happens once', () => {
    given(requested(5, 1, null))
      .when(ask)
      .then(cutOver);
    given(requested(5, 1, null), requested(6, 2, 1))
      .when(ask)
      .thenNothing();
    given(requested(5, 1, null), cutOver)
      .when(ask)
      .thenNothing();
  });

  it('makes later releases here count no more', () => {
    given(requested(5, 1, null), cutOver)
      .when(command('RequestDeployment', intent(6)))
      .then({ type: 'DeploymentRequested', data: { ...intent(6), generation: 2, replaces: 1, counts: false } });
  });

  it('is taken back with the migration, unless the environment is gone', () => {
    const back = command('CutBackEnvironment', { environment: old, migration: 1, to: 'prod3' });
    given(requested(5, 1, null), cutOver)
      .when(back)
      .then(cutBack);
    given(requested(5, 1, null), cutOver, cutBack)
      .when(back)
      .thenNothing();
    given(...moved)
      .when(back)
      .thenNothing();
  });
});

describe('the removal of the one that is left', () => {
  const remove = (order: number): EnvironmentCommand =>
    command('RemoveMigratedEnvironment', { environment: old, migration: 1, release: releaseId(order) });

  it('waits for the cut-over and for a newer release to be copied', () => {
    given(requested(5, 1, null), cutOver)
      .when(remove(5))
      .then(removing(old, 2, 5, 'migrated'));
    given(requested(5, 1, null))
      .when(remove(5))
      .thenNothing();
    given(requested(5, 1, null), cutOver, cutBack)
      .when(remove(5))
      .thenNothing();
    given(requested(5, 1, null), cutOver, requested(6, 2, 1))
      .when(remove(5))
      .thenNothing();
    given(...moved)
      .when(remove(5))
      .thenNothing();
  });

  it('sends later releases on, each once, and refuses earlier ones', () => {
    const forwarded = (order: number): EnvironmentEvent => ({
      type: 'DeploymentForwarded',
      data: { environment: old, order, release: releaseId(order), to: 'prod3' },
    });
    given(...moved)
      .when(command('RequestDeployment', intent(6)))
      .then(forwarded(6));
    given(...moved, forwarded(6))
      .when(command('RequestDeployment', intent(6)))
      .thenNothing();
    given(...moved)
      .when(command('RequestDeployment', intent(4)))
      .then({
        type: 'DeploymentRefused',
        data: { environment: old, order: 4, release: releaseId(4), supersededBy: null },
      });
  });

  it('by hand counts as one by the migration; with the branch everything begins anew', () => {
    const next = command('RequestDeployment', intent(12));
    given(requested(5, 1, null), cutOver, removing(old, 2, 9, 'requested'))
      .when(next)
      .then({
        type: 'DeploymentForwarded',
        data: { environment: old, order: 12, release: releaseId(12), to: 'prod3' },
      });
    given(requested(5, 1, null), cutOver, removing(old, 2, 9, 'branch-deleted'))
      .when(next)
      .then(requested(12, 3, null));
  });
});
