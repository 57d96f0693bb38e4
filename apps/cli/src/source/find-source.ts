import { readFileSync } from 'node:fs';
import { SOURCE_REPOSITORY, type SourceRepositoryAnswer } from '../documents/projects.js';
import { usageError } from '../exit.js';
import type { Ledger } from '../ledger/client.js';
import type { World } from '../world.js';
import { authoredAt, commitOf, currentBranch, openWorkingCopy, remoteCommitOf } from './git.js';
import { detectPipeline, type Pipeline, refuseForeign } from './pipeline.js';

export interface Source {
  readonly kind: 'BRANCH' | 'TAG';
  readonly ref: string;
  readonly commit: string;
  /** When it was made, where a repository at hand says so. */
  readonly committedAt: string | undefined;
  readonly pipelineId: string | undefined;
  readonly jobId: string | undefined;
  readonly attempt: number | undefined;
  readonly url: string | undefined;
  /** True in a pipeline: nobody typed this command. */
  readonly automatic: boolean;
}

/** What to release: options first, then the pipeline, then the local repository, then the project's own repository. */
export async function findSource(
  world: World,
  ledger: Ledger,
  project: string,
  options: { readonly ref?: string; readonly tag?: string; readonly commit?: string },
): Promise<Source> {
  const pipeline = detectPipeline(world.env, readIfThere);
  const asked = askedRef(options);
  if (pipeline && !asked) refuseForeign(pipeline);
  const { kind, ref } = asked ?? (await builtRef(world, pipeline));
  const ofPipeline =
    pipeline && pipeline.kind === kind && pipeline.ref === ref && !pipeline.foreign ? pipeline.commit : undefined;
  const commit = options.commit ?? ofPipeline ?? (await searchCommit(world, ledger, project, kind, ref));
  return {
    kind,
    ref,
    commit,
    committedAt: await authoredAt(world.cwd, commit),
    pipelineId: pipeline?.pipelineId,
    jobId: pipeline?.jobId,
    attempt: pipeline?.attempt,
    url: pipeline?.url,
    automatic: pipeline !== undefined,
  };
}

function askedRef(options: { readonly ref?: string; readonly tag?: string }) {
  if (options.tag !== undefined) return { kind: 'TAG', ref: options.tag } as const;
  return options.ref === undefined ? undefined : ({ kind: 'BRANCH', ref: options.ref } as const);
}

async function builtRef(
  world: World,
  pipeline: Pipeline | undefined,
): Promise<{ kind: 'BRANCH' | 'TAG'; ref: string }> {
  if (pipeline?.ref !== undefined && pipeline.kind !== undefined) return { kind: pipeline.kind, ref: pipeline.ref };
  const branch = await currentBranch(world.cwd);
  if (branch !== undefined) return { kind: 'BRANCH', ref: branch };
  throw usageError(
    'which ref?',
    'give --ref <branch> or --tag <tag>: this is no pipeline, and no branch is checked out here',
  );
}

/**
 * A commit that was not named is looked up, but never in a repository that is not the project's: people run this from
 * anywhere, and a commit of the wrong repository would stand in the log for ever.
 */
async function searchCommit(
  world: World,
  ledger: Ledger,
  project: string,
  kind: 'BRANCH' | 'TAG',
  ref: string,
): Promise<string> {
  const { project: found } = await ledger.ask<SourceRepositoryAnswer>(SOURCE_REPOSITORY, { key: project });
  const repository = found?.developer?.sourceRepository;
  const copy = await openWorkingCopy(world.cwd, repository);
  const local = copy === undefined ? undefined : await commitOf(copy, kind, ref);
  const commit = local ?? (repository === undefined ? undefined : await remoteCommitOf(repository, kind, ref));
  if (commit !== undefined) {
    world.err(`commit ${commit.slice(0, 8)}, found in ${local === undefined ? repository : copy}\n`);
    return commit;
  }
  throw usageError(
    `which commit is ${kind === 'TAG' ? 'tag' : 'branch'} ${ref}?`,
    `give --commit <full id>: neither this folder nor ${repository ?? `the repository of ${project}`} has it`,
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
