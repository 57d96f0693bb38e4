import type { ConfigFound, ConfigProblem, ConfigQuery, ConfigRepositories, ConfigResult } from '@waybill/config';
import {
  type BranchRule,
  type KnownResource,
  type ProjectState,
  type Ref,
  type ReleaseEvent,
  type ResolvedConfig,
  isTerminal,
} from '@waybill/domain';
import { type RecordedEvent, canonicalText } from '@waybill/kernel';
import { evaluateOne } from './evaluate.js';
import { type OutgoingCommand, type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { quotaProblem } from './quota.js';
import { readProject, readRelease } from './read.js';
import { strategyProblem } from './strategy-problem.js';

export interface ContentStore {
  /** Stores the text under its SHA-256 and returns that. */
  put(text: string): Promise<string>;
}

export interface ResolveConfigDependencies extends PolicyDependencies {
  readonly config: Pick<ConfigRepositories, 'read' | 'digests'>;
  readonly contents: ContentStore;
  /** What rules may name, as far as is known now. */
  readonly knownResources: () => Promise<readonly KnownResource[]>;
  /** Opaque id of the author of a commit; made when there is none yet. */
  readonly identify: (author: { name: string; email: string }) => Promise<string>;
  /** Ids of the project's releases that are neither planned nor over, as of `position` or later. */
  readonly openReleases: (project: string, position: string) => Promise<readonly string[]>;
}

/** Reads the configuration of a matched release; again when what was in its way may be gone. */
export function resolveConfig(dependencies: ResolveConfigDependencies): Policy {
  const name = 'resolve-config';
  return {
    name,
    handles: new Set(['BranchMatched', 'DeveloperMetadataSubmitted', 'DevopsMetadataSubmitted']),
    async react(recorded) {
      const event = dependencies.catalogue.upcast<ReleaseEvent>(recorded);
      const releases =
        event.type === 'BranchMatched'
          ? [event.data.release]
          : await dependencies.openReleases(projectOf(recorded), recorded.position);
      for (const release of releases) {
        const recordedNow = await resolveOne(dependencies, name, release, recorded);
        // There is nothing to wait for: the configuration is known from the start, or nobody has said where it is.
        if (!recordedNow && event.type === 'BranchMatched') await evaluateOne(dependencies, release, recorded);
      }
    },
  };
}

/** Reads and records the configuration of one release unless it has one already; tells whether it did. */
export async function resolveOne(
  dependencies: ResolveConfigDependencies,
  policy: string,
  release: string,
  cause: RecordedEvent,
): Promise<boolean> {
  const read = await readRelease(dependencies, release);
  if (!read?.state.rule || read.state.config || isTerminal(read.state.phase)) return false;
  const project = await readProject(dependencies, read.requested.project);
  if (!project.developer) return false;
  const result = await readConfigOf(dependencies, dependencies.config.read, {
    project: read.requested.project,
    ref: read.requested.ref,
    rule: read.state.rule,
    metadata: project,
  });
  const metadata = { ...causedBy(cause, policy, release, dependencies.now()), correlationId: read.correlationId };
  await dependencies.send(await recordCommand(dependencies, release, result, metadata));
  return true;
}

/** A configuration that is looked for. */
export interface WantedConfig {
  readonly project: string;
  readonly ref: Ref;
  readonly rule: BranchRule;
  readonly metadata: Pick<ProjectState, 'developer' | 'business' | 'devops' | 'rules'>;
}

/** The configuration as it is recorded, when nobody need be waited for and nothing is wrong with it; else null. */
export async function configAtOnce(
  dependencies: Pick<ResolveConfigDependencies, 'contents' | 'identify' | 'knownResources'> & {
    readonly config: Pick<ConfigRepositories, 'readAtOnce'>;
  },
  wanted: WantedConfig,
): Promise<ResolvedConfig | null> {
  if (!wanted.metadata.developer) return null;
  const result = await readConfigOf(dependencies, dependencies.config.readAtOnce, wanted);
  return result?.ok ? resolved(dependencies, result) : null;
}

async function readConfigOf<Result extends ConfigResult | null>(
  { knownResources }: Pick<ResolveConfigDependencies, 'knownResources'>,
  read: (query: ConfigQuery) => Promise<Result>,
  { project, ref, rule, metadata }: WantedConfig,
): Promise<Result | ConfigProblem> {
  const { repository, branch } = metadata.developer!.config;
  const result = await read({ project, ref, directory: rule.directory, repository, branch });
  if (!result?.ok) return result;
  const beyond = quotaProblem(result, metadata.devops?.quotas);
  if (beyond || !result.parsed.settings.strategy) return beyond ?? result;
  return strategyProblem(result, { key: project, ...metadata }, rule, await knownResources()) ?? result;
}

async function recordCommand(
  dependencies: ResolveConfigDependencies,
  release: string,
  result: ConfigResult,
  metadata: OutgoingCommand['metadata'],
): Promise<OutgoingCommand> {
  if (result.ok) {
    const config = await resolved(dependencies, result);
    return { type: 'RecordConfigResolved', data: { release, config }, metadata };
  }
  const { repository, directory, problem, file, line, message } = result;
  return {
    type: 'RecordConfigUnresolved',
    data: { release, repository, directory, problem, file, line, message },
    metadata,
  };
}

async function resolved(
  { contents, identify }: Pick<ResolveConfigDependencies, 'contents' | 'identify'>,
  found: ConfigFound,
): Promise<ResolvedConfig> {
  const { repository, directory, fallback, commit, digest, committedAt, author } = found;
  return {
    repository,
    directory,
    fallback,
    commit,
    digest,
    contents: await contents.put(canonicalText({ files: found.contents.files })),
    committedAt,
    author: author && (await identify(author)),
  };
}

const projectOf = (recorded: RecordedEvent): string => recorded.data['project'] as string;
