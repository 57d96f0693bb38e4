import { type EnvironmentId, environmentName, releaseStreamOf } from '@waybill/domain';
import { type RecordedEvent, derivedId } from '@waybill/kernel';
import { generationEvent, readProject, readRelease } from './read.js';
import { type ResolveConfigDependencies, resolveOne } from './resolve-config.js';

export interface WatchConfigDependencies extends ResolveConfigDependencies {
  /** What is running, with the generation that runs; of one project or of all. */
  readonly liveEnvironments: (
    project: string | undefined,
  ) => Promise<readonly { environment: EnvironmentId; generation: number }[]>;
  /** Ids of releases that wait because their configuration could not be read. */
  readonly releasesWithoutConfig: (project: string | undefined) => Promise<readonly string[]>;
}

/** Looks at the config repositories of one project or of all; returns how many changes it found. */
export type WatchConfig = (project?: string) => Promise<number>;

const NAME = 'watch-config';

/** An environment and the event that asked for what runs in it. */
interface Running {
  readonly environment: EnvironmentId;
  readonly asked: RecordedEvent;
  readonly generation: number;
}

/**
 * Notices commits that changed the configuration of what runs, and reads again the configuration of releases that are
 * held for it. What was compared with the repository as it is now is not compared again until either changes.
 */
export function createWatchConfig(dependencies: WatchConfigDependencies): WatchConfig {
  /** Release → what was compared: the tip of its config repository and the generations that run it. */
  const compared = new Map<string, string>();

  function unchangedSince(release: string, running: readonly Running[], tip: string | undefined): boolean {
    const now = JSON.stringify([tip, running.map(({ environment, generation }) => [environment, generation])]);
    if (tip !== undefined && compared.get(release) === now) return true;
    compared.set(release, now);
    return false;
  }

  return async (project) => {
    let noticed = 0;
    for (const release of await dependencies.releasesWithoutConfig(project)) {
      if (await readAgain(dependencies, release)) noticed++;
    }
    const tips = createTips(dependencies);
    for (const [release, running] of await runningReleases(dependencies, project)) {
      const source = await sourceOf(dependencies, release);
      if (!source || unchangedSince(release, running, await tips(source.repository, source.branch))) continue;
      noticed += await compare(dependencies, source, running);
    }
    return noticed;
  };
}

/** Tip of each config branch, asked for once per look. */
function createTips({
  config,
}: WatchConfigDependencies): (repository: string, branch: string) => Promise<string | undefined> {
  const tips = new Map<string, Promise<string | undefined>>();
  return (repository, branch) => {
    const key = JSON.stringify([repository, branch]);
    const known = tips.get(key);
    if (known) return known;
    const asked = config
      .digests({ repository, branch, directories: [] })
      .then((result) => (result.ok ? result.commit : undefined));
    tips.set(key, asked);
    return asked;
  };
}

async function runningReleases(
  dependencies: WatchConfigDependencies,
  project: string | undefined,
): Promise<Map<string, Running[]>> {
  const byRelease = new Map<string, Running[]>();
  for (const { environment, generation } of await dependencies.liveEnvironments(project)) {
    const found = await generationEvent(dependencies, environment, generation);
    if (found?.event.type !== 'DeploymentRequested') continue;
    const { release } = found.event.data;
    const running = { environment, asked: found.recorded, generation };
    byRelease.set(release, [...(byRelease.get(release) ?? []), running]);
  }
  return byRelease;
}

/** Where the configuration of a release comes from today. */
async function sourceOf(dependencies: WatchConfigDependencies, release: string) {
  const read = await readRelease(dependencies, release);
  if (!read?.state.rule || !read.state.config) return undefined;
  const { developer } = await readProject(dependencies, read.requested.project);
  if (!developer) return undefined;
  return {
    project: read.requested.project,
    ref: read.requested.ref,
    directory: read.state.rule.directory,
    repository: developer.config.repository,
    branch: developer.config.branch,
  };
}

async function compare(
  dependencies: WatchConfigDependencies,
  query: NonNullable<Awaited<ReturnType<typeof sourceOf>>>,
  running: readonly Running[],
): Promise<number> {
  const found = await dependencies.config.read(query);
  if (!found.ok) return 0;
  const author = found.author && (await dependencies.identify(found.author));
  let noticed = 0;
  for (const { asked, environment } of running) {
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

/** Reads the configuration of a held release again; true when that changed what is known of it. */
async function readAgain(dependencies: WatchConfigDependencies, release: string): Promise<boolean> {
  const events = await dependencies.store.readStream(releaseStreamOf(release), { direction: 'backwards' });
  const problem = events.find((event) => event.type === 'ConfigUnresolved');
  if (!problem) return false;
  const { revision } = events[0]!;
  // The same fault again is no event, so the command id must differ from look to look: by what was known before it.
  await resolveOne(dependencies, `${NAME}:${revision}`, release, problem);
  const [newest] = await dependencies.store.readStream(releaseStreamOf(release), { direction: 'backwards', limit: 1 });
  return newest!.revision > revision;
}
