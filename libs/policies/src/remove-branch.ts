import { type EnvironmentId, type ProjectEvent, environmentName } from '@waybill/domain';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { readRelease } from './read.js';

export interface RemoveBranchDependencies extends PolicyDependencies {
  /** Environments of the slot that were ever deployed to, as of `position` or later. */
  readonly environmentsOfSlot: (project: string, slot: string, position: string) => Promise<readonly EnvironmentId[]>;
  /** Ids of releases of the branch that are not over, as of `position` or later. */
  readonly unfinishedReleases: (project: string, branch: string, position: string) => Promise<readonly string[]>;
  /** Location of each resource that is onboarded. */
  readonly locationsOf: (resources: readonly string[]) => Promise<readonly string[]>;
}

/**
 * A deleted branch: its releases are cancelled and its environments removed, everywhere.
 *
 * A release may be about to be deployed at this very moment. So an environment of each location it was heading for is
 * closed for everything asked for before the deletion, even when nothing ran there yet; a later push has a higher
 * order and is accepted.
 */
export function removeBranch(dependencies: RemoveBranchDependencies): Policy {
  const name = 'remove-branch';
  const { catalogue, send, now } = dependencies;
  return {
    name,
    handles: new Set(['BranchDeleted']),
    async react(recorded) {
      const event = catalogue.upcast<ProjectEvent>(recorded);
      if (event.type !== 'BranchDeleted') return;
      const { project, branch, slot } = event.data;
      const order = Number(recorded.position);
      const environments = new Map<string, EnvironmentId>();
      for (const environment of await dependencies.environmentsOfSlot(project, slot, recorded.position)) {
        environments.set(environmentName(environment), environment);
      }
      for (const release of await dependencies.unfinishedReleases(project, branch, recorded.position)) {
        const read = await readRelease(dependencies, release);
        if (!read || read.order > order) continue;
        for (const location of await dependencies.locationsOf(read.state.rule?.resources ?? [])) {
          const environment = { project, slot, location };
          environments.set(environmentName(environment), environment);
        }
        await send({
          type: 'CancelRelease',
          data: { release, cause: 'branch-deleted', reason: null },
          metadata: causedBy(recorded, name, release, now()),
        });
      }
      for (const [target, environment] of environments) {
        await send({
          type: 'RemoveEnvironment',
          data: { environment, order, cause: 'branch-deleted' },
          metadata: causedBy(recorded, name, target, now()),
        });
      }
    },
  };
}
