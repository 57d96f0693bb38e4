import { type EnvironmentId, environmentName, releaseStreamOf } from '@waybill/domain';
import { type RecordedEvent, derivedId } from '@waybill/kernel';
import { type ResolveConfigDependencies, resolveOne } from './resolve-config.js';
import { generationEvent, readProject, readRelease } from './read.js';

export interface WatchConfigDependencies extends ResolveConfigDependencies {
  /** What is running, with the generation that runs. */
  readonly liveEnvironments: (
    project: string | undefined,
  ) => Promise<readonly { environment: EnvironmentId; generation: number }[]>;
  /** Ids of releases that wait because their configuration could not be read. */
  readonly releasesWithoutConfig: (project: string | undefined) => Promise<readonly string[]>;
}

const NAME = 'watch-config';

/**
 * One look at the config repositories: notices commits that changed the configuration of what runs, and reads again
 * the configuration of releases that are held for it. Returns how many changes were found.
 */
export async function watchConfig(dependencies: WatchConfigDependencies, project?: string): Promise<number> {
  let noticed = 0;
  for (const release of await dependencies.releasesWithoutConfig(project)) {
    if (await readAgain(dependencies, release)) noticed++;
  }
  const byRelease = new Map<string, { asked: RecordedEvent; environment: EnvironmentId }[]>();
  for (const { environment, generation } of await dependencies.liveEnvironments(project)) {
    const asked = await generationEvent(dependencies, environment, generation);
    if (asked?.event.type !== 'DeploymentRequested') continue;
    const { release } = asked.event.data;
    byRelease.set(release, [...(byRelease.get(release) ?? []), { asked: asked.recorded, environment }]);
  }
  for (const [release, environments] of byRelease) {
    noticed += await compare(dependencies, release, environments);
  }
  return noticed;
}

async function readAgain(dependencies: WatchConfigDependencies, release: string): Promise<boolean> {
  const events = await dependencies.store.readStream(releaseStreamOf(release), { direction: 'backwards' });
  const problem = events.find((event) => event.type === 'ConfigUnresolved');
  if (!problem) return false;
  const before = events[0]!.revision;
  await resolveOne(dependencies, `${NAME}:${before}`, release, problem);
  const [newest] = await dependencies.store.readStream(releaseStreamOf(release), { direction: 'backwards', limit: 1 });
  return newest!.revision > before;
}

async function compare(
  dependencies: WatchConfigDependencies,
  release: string,
  environments: readonly { asked: RecordedEvent; environment: EnvironmentId }[],
): Promise<number> {
  const read = await readRelease(dependencies, release);
  if (!read?.state.rule || !read.state.config) return 0;
  const project = await readProject(dependencies, read.requested.project);
  if (!project.developer) return 0;
  const { repository, branch } = project.developer.config;
  const found = await dependencies.config.read({
    project: read.requested.project,
    ref: read.requested.ref,
    directory: read.state.rule.directory,
    repository,
    branch,
  });
  if (!found.ok || found.digest === read.state.config.digest) return 0;
  const author = found.author && (await dependencies.identify(found.author));
  let noticed = 0;
  for (const { asked, environment } of environments) {
    const { events } = await dependencies.send({
      type: 'NoticeConfigChange',
      data: { environment, directory: found.directory, commit: found.commit, digest: found.digest, author },
      metadata: {
        commandId: derivedId(NAME, environmentName(environment), asked.id, found.commit),
        actor: { kind: 'policy', id: NAME, roles: [] },
        now: dependencies.now(),
        correlationId: asked.correlationId,
        causationId: asked.id,
      },
    });
    noticed += events.length;
  }
  return noticed;
}
