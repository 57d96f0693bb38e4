import { usageError } from '../exit.js';

type Env = Readonly<Record<string, string | undefined>>;

/** What a CI system says about the job that runs. */
export interface Pipeline {
  readonly system: 'gitlab' | 'github' | 'jenkins';
  readonly kind: 'BRANCH' | 'TAG' | undefined;
  readonly ref: string | undefined;
  readonly commit: string | undefined;
  readonly pipelineId: string | undefined;
  readonly jobId: string | undefined;
  readonly attempt: number | undefined;
  readonly url: string | undefined;
  /** Set for a merge or pull request from another repository: its branch names are not ours to deploy by. */
  readonly foreign: boolean;
}

/**
 * Reads the variables of GitLab CI, GitHub Actions or Jenkins; undefined elsewhere. `readFile` reads the event file
 * of GitHub, which alone knows the head commit of a pull request.
 */
export function detectPipeline(env: Env, readFile: (path: string) => string | undefined): Pipeline | undefined {
  if (env['GITLAB_CI'] || env['CI_PIPELINE_ID']) return gitlab(env);
  if (env['GITHUB_ACTIONS'] || env['GITHUB_RUN_ID']) return github(env, readFile);
  if (env['JENKINS_URL'] || (env['BUILD_TAG'] && env['JOB_NAME'])) return jenkins(env);
  return undefined;
}

/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
function gitlab(env: Env): Pipeline {
  const tag = filled(env['CI_COMMIT_TAG']);
  const mergeBranch = filled(env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME']);
  const sourceProject = filled(env['CI_MERGE_REQUEST_SOURCE_PROJECT_ID']);
  return {
    system: 'gitlab',
    kind: tag ? 'TAG' : 'BRANCH',
    ref: tag ?? mergeBranch ?? filled(env['CI_COMMIT_REF_NAME']),
    // In a merged-results pipeline CI_COMMIT_SHA is a commit that no branch holds.
    commit: filled(env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA']) ?? filled(env['CI_COMMIT_SHA']),
    pipelineId: filled(env['CI_PIPELINE_ID']),
    jobId: filled(env['CI_JOB_ID']),
    // A retried job has an id of its own.
    attempt: undefined,
    url: filled(env['CI_PIPELINE_URL']),
    foreign: sourceProject !== undefined && sourceProject !== filled(env['CI_PROJECT_ID']),
  };
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
function github(env: Env, readFile: (path: string) => string | undefined): Pipeline {
  // For a pull request GITHUB_REF_NAME is `12/merge` and GITHUB_SHA a merge commit that no branch holds.
  const pullBranch = filled(env['GITHUB_HEAD_REF']);
  const head = pullBranch === undefined ? undefined : pullRequestHead(env, readFile);
  const repository = filled(env['GITHUB_REPOSITORY']);
  const server = filled(env['GITHUB_SERVER_URL']);
  const run = filled(env['GITHUB_RUN_ID']);
  return {
    system: 'github',
    kind: env['GITHUB_REF_TYPE'] === 'tag' ? 'TAG' : 'BRANCH',
    ref: pullBranch ?? filled(env['GITHUB_REF_NAME']),
    commit: pullBranch === undefined ? filled(env['GITHUB_SHA']) : head?.sha,
    pipelineId: run,
    jobId: filled(env['GITHUB_JOB']),
    attempt: wholeOf(env['GITHUB_RUN_ATTEMPT']),
    url: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
    foreign: head?.repository !== undefined && head.repository !== repository,
  };
}

function pullRequestHead(
  env: Env,
  readFile: (path: string) => string | undefined,
): { sha?: string; repository?: string } {
  const path = filled(env['GITHUB_EVENT_PATH']);
  const text = path === undefined ? undefined : readFile(path);
  if (text === undefined) return {};
  try {
    const event = JSON.parse(text) as { pull_request?: { head?: { sha?: string; repo?: { full_name?: string } } } };
    const head = event.pull_request?.head;
    return {
      ...(head?.sha === undefined ? {} : { sha: head.sha }),
      ...(head?.repo?.full_name === undefined ? {} : { repository: head.repo.full_name }),
    };
  } catch {
    return {};
  }
}

/** https://www.jenkins.io/doc/book/pipeline/multibranch/ and /env-vars.html of any Jenkins */
function jenkins(env: Env): Pipeline {
  const tag = filled(env['TAG_NAME']);
  // In a change request BRANCH_NAME is `PR-12`; CHANGE_BRANCH is the branch it comes from.
  const branch = filled(env['CHANGE_BRANCH']) ?? filled(env['BRANCH_NAME']) ?? withoutRemote(filled(env['GIT_BRANCH']));
  return {
    system: 'jenkins',
    kind: tag ? 'TAG' : 'BRANCH',
    ref: tag ?? branch,
    commit: filled(env['GIT_COMMIT']),
    pipelineId: filled(env['BUILD_TAG']) ?? filled(env['BUILD_NUMBER']),
    jobId: filled(env['JOB_NAME']),
    attempt: undefined,
    url: filled(env['BUILD_URL']),
    foreign: filled(env['CHANGE_FORK']) !== undefined,
  };
}

/** Refuses to deploy a stranger's branch because it bears the name of one of ours. */
export function refuseForeign(pipeline: Pipeline): void {
  if (!pipeline.foreign) return;
  throw usageError(
    `this ${pipeline.system} job builds ${pipeline.ref ?? 'a branch'} of another repository`,
    'a fork may call its branch anything: name what to release with --ref and --commit',
  );
}

const filled = (value: string | undefined): string | undefined => (value ? value : undefined);

const withoutRemote = (branch: string | undefined): string | undefined =>
  branch?.replace(/^(refs\/remotes\/)?origin\//, '');

function wholeOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text && Number.isInteger(value) && value > 0 ? value : undefined;
}
