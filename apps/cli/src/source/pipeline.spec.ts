import { describe, expect, it } from '@jest/globals';
import { detectPipeline, refuseForeign } from './pipeline.js';

const SHA = 'a54fdbc8a9200d012f7edaa5ae1b14fc8298d883';
const MERGE_SHA = 'ffffffffffffffffffffffffffffffffffffffff';
const detect = (env: Record<string, string>, files: Record<string, string> = {}) =>
  detectPipeline(env, (path) => files[path]);

describe('detectPipeline: GitLab', () => {
  const gitlab = {
    GITLAB_CI: 'true',
    CI_COMMIT_REF_NAME: 'feature/login',
    CI_COMMIT_SHA: SHA,
    CI_PIPELINE_ID: '4711',
    CI_JOB_ID: '99',
    CI_PROJECT_ID: '7',
    CI_PIPELINE_URL: 'https://gitlab.example/a/-/pipelines/4711',
  };

  it('reads a branch pipeline', () => {
    expect(detect(gitlab)).toEqual({
      system: 'gitlab',
      kind: 'BRANCH',
      ref: 'feature/login',
      commit: SHA,
      pipelineId: '4711',
      jobId: '99',
      attempt: undefined,
      url: 'https://gitlab.example/a/-/pipelines/4711',
      foreign: false,
    });
  });

  it('reads a tag pipeline', () => {
    expect(detect({ ...gitlab, CI_COMMIT_TAG: 'v1.2.0', CI_COMMIT_REF_NAME: 'v1.2.0' })).toMatchObject({
      kind: 'TAG',
      ref: 'v1.2.0',
    });
  });

  it('takes the source branch and its commit of a merged-results pipeline', () => {
    expect(
      detect({
        ...gitlab,
        CI_COMMIT_SHA: MERGE_SHA,
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature-pay',
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: SHA,
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '7',
      }),
    ).toMatchObject({ kind: 'BRANCH', ref: 'feature-pay', commit: SHA, foreign: false });
  });

  it('marks a merge request from a fork', () => {
    const fork = detect({
      ...gitlab,
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'dev',
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '8',
    });
    expect(fork?.foreign).toBe(true);
    expect(() => refuseForeign(fork!)).toThrow('this gitlab job builds dev of another repository');
  });
});

describe('detectPipeline: GitHub', () => {
  const github = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REF_NAME: 'dev',
    GITHUB_SHA: SHA,
    GITHUB_RUN_ID: '1658821493',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_JOB: 'deploy',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_REPOSITORY: 'shop/a',
  };

  it('reads a branch push', () => {
    expect(detect(github)).toEqual({
      system: 'github',
      kind: 'BRANCH',
      ref: 'dev',
      commit: SHA,
      pipelineId: '1658821493',
      jobId: 'deploy',
      attempt: 2,
      url: 'https://github.example/shop/a/actions/runs/1658821493',
      foreign: false,
    });
  });

  it('reads a tag push', () => {
    expect(detect({ ...github, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.0' })).toMatchObject({
      kind: 'TAG',
      ref: 'v1.2.0',
    });
  });

  const pullRequest = {
    ...github,
    GITHUB_REF_NAME: '12/merge',
    GITHUB_HEAD_REF: 'feature-login',
    GITHUB_SHA: MERGE_SHA,
    GITHUB_EVENT_PATH: '/event.json',
  };
  const eventOf = (repository: string) => ({
    '/event.json': JSON.stringify({ pull_request: { head: { sha: SHA, repo: { full_name: repository } } } }),
  });

  it('takes the head of a pull request, not the merge commit', () => {
    expect(detect(pullRequest, eventOf('shop/a'))).toMatchObject({ ref: 'feature-login', commit: SHA, foreign: false });
  });

  it('marks a pull request from a fork', () => {
    expect(detect(pullRequest, eventOf('stranger/a'))?.foreign).toBe(true);
  });

  it('knows no commit when the event cannot be read', () => {
    expect(detect(pullRequest, { '/event.json': '{' })?.commit).toBeUndefined();
  });
});

describe('detectPipeline: Jenkins', () => {
  const jenkins = {
    JENKINS_URL: 'https://jenkins.example/',
    GIT_COMMIT: SHA,
    BUILD_TAG: 'jenkins-a-dev-17',
    BUILD_NUMBER: '17',
    JOB_NAME: 'a/dev',
    BUILD_URL: 'https://jenkins.example/job/a/job/dev/17/',
  };

  it('reads a multibranch build', () => {
    expect(detect({ ...jenkins, BRANCH_NAME: 'dev' })).toEqual({
      system: 'jenkins',
      kind: 'BRANCH',
      ref: 'dev',
      commit: SHA,
      pipelineId: 'jenkins-a-dev-17',
      jobId: 'a/dev',
      attempt: undefined,
      url: 'https://jenkins.example/job/a/job/dev/17/',
      foreign: false,
    });
  });

  it('strips the remote of a plain job’s branch', () => {
    expect(detect({ ...jenkins, GIT_BRANCH: 'origin/release-1.2' })?.ref).toBe('release-1.2');
  });

  it('reads a tag build and a change request', () => {
    expect(detect({ ...jenkins, TAG_NAME: 'v1.2.0', BRANCH_NAME: 'v1.2.0' })).toMatchObject({
      kind: 'TAG',
      ref: 'v1.2.0',
    });
    expect(detect({ ...jenkins, BRANCH_NAME: 'PR-12', CHANGE_BRANCH: 'feature-pay' })?.ref).toBe('feature-pay');
    expect(detect({ ...jenkins, BRANCH_NAME: 'PR-12', CHANGE_BRANCH: 'dev', CHANGE_FORK: 'stranger' })?.foreign).toBe(
      true,
    );
  });
});

it('detects nothing on somebody’s machine', () => {
  expect(detect({ HOME: '/home/alice', CI: 'true' })).toBeUndefined();
});
