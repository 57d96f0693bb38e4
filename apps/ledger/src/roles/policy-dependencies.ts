import { type EnvironmentId, releaseStreamOf } from '@waybill/domain';
import type { Position } from '@waybill/kernel';
import type {
  Checkpoints,
  ContentStore,
  DeployDependencies,
  EvaluateDependencies,
  MigrateDependencies,
  RemoveBranchDependencies,
  ResolveConfigDependencies,
  Send,
  Timers,
  WatchConfigDependencies,
} from '@waybill/policies';
import { type EnvironmentRow, MAX_PAGE } from '@waybill/views';
import { resourcesInForce } from '../location/resources.js';
import type { Parts } from '../parts.js';
import { catchUp } from '../reading.js';

/** JSON around the files of a configuration; the reader of config repositories has limits of its own. Bytes. */
const CONTENT_LIMIT = 8 * 1024 * 1024;

export type AllPolicyDependencies = EvaluateDependencies &
  DeployDependencies &
  MigrateDependencies &
  RemoveBranchDependencies &
  WatchConfigDependencies & { readonly timers: Timers };

/** Everything that policies ask for, over the parts of this process. */
export function policyDependencies(parts: Parts, send: Send): AllPolicyDependencies {
  const { store, catalogue, recent, views, now } = parts;
  return {
    store,
    catalogue,
    recent,
    send,
    now,
    ...configDependencies(parts),
    timers: timersOf(parts),
    async openReleases(project, position) {
      await upTo(parts, position);
      const open = await views.releases.open(project === undefined ? {} : { project });
      return open.filter(({ state }) => state !== 'DEPLOYING').map(({ id }) => id);
    },
    async unfinishedReleases(project, branch, position) {
      await upTo(parts, position);
      const open = await views.releases.open({ project, ref: branch });
      return open.filter(({ refKind }) => refKind === 'branch').map(({ id }) => id);
    },
    async environmentsOfSlot(project, slot, position) {
      await upTo(parts, position);
      return allEnvironments(parts, project, slot);
    },
    async locationsOf(resources) {
      const rows = await Promise.all(resources.map((key) => views.locations.resource(key)));
      const today = new Map((await views.locations.knownResources()).map((it) => [it.resource, it.location]));
      const found = new Set(rows.flatMap((row) => row?.location ?? []));
      for (const key of resources) {
        const location = today.get(key);
        if (location !== undefined) found.add(location);
      }
      // While one is migrated, what is about to be deployed there may come to both.
      for (const row of await views.locations.migrations()) if (found.has(row.location)) found.add(row.to);
      return [...found];
    },
    async migrations(position) {
      if (position !== undefined) await upTo(parts, position);
      return views.locations.migrations();
    },
    async environmentsAt(location, position) {
      if (position !== undefined) await upTo(parts, position);
      const rows = await views.environments.atLocation(location);
      return rows.map((row) => ({ environment: idOf(row), removed: row.state === 'removed' }));
    },
    async liveEnvironments(project) {
      const rows = await (project === undefined ? views.environments.live() : views.environments.ofProject(project));
      return rows
        .filter(({ current }) => current !== null)
        .map((row) => ({ environment: idOf(row), generation: row.generation }));
    },
    async releasesWithoutConfig(project) {
      const open = await views.releases.open(project === undefined ? {} : { project });
      return open.filter(({ configProblem }) => configProblem !== null).map(({ id }) => id);
    },
  };
}

/** What the configuration of a release is read with. */
export function configDependencies(
  parts: Parts,
): Pick<ResolveConfigDependencies, 'identify' | 'knownResources'> &
  Pick<DeployDependencies, 'contents'> &
  Pick<Parts, 'config'> {
  return {
    config: parts.config,
    contents: contentsOf(parts),
    knownResources: () => resourcesInForce(parts),
    async identify({ name, email }) {
      const { id } = await parts.operations.people.identify({ login: email || name, name, email });
      return id;
    },
  };
}

/** Contents were looked through for secrets when they were read, where file and line are known. */
export function contentsOf({ blobs }: Pick<Parts, 'blobs'>): ContentStore & { get(digest: string): Promise<string> } {
  return {
    get: (digest) => blobs.get(digest),
    put: (text) => blobs.put(text, { scan: false, limit: CONTENT_LIMIT }),
  };
}

export function checkpointsOf({ operations }: Pick<Parts, 'operations'>): Checkpoints {
  return {
    load: (name) => operations.checkpoints.read(name),
    save: (name, position) => operations.checkpoints.save(name, position),
  };
}

function timersOf({ operations }: Pick<Parts, 'operations'>): Timers {
  return {
    async schedule({ due, release, causationId, correlationId }) {
      const payload = { release, causationId, correlationId };
      await operations.timers.set({ due, stream: releaseStreamOf(release), payload });
    },
  };
}

const upTo = (parts: Pick<Parts, 'views'>, position: Position): Promise<void> => catchUp(parts, position);

const idOf = ({ project, slot, location }: EnvironmentRow): EnvironmentId => ({ project, slot, location });

/** Removed ones too: what was asked for before must not come back there. */
async function allEnvironments({ views }: Parts, project: string, slot: string): Promise<EnvironmentId[]> {
  const found: EnvironmentId[] = [];
  let after: string | null = null;
  do {
    const filter = { project, slot, includeRemoved: true };
    const page = await views.environments.list({ first: MAX_PAGE, after, filter });
    found.push(...page.nodes.map(idOf));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}
