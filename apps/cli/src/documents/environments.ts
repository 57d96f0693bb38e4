import type { Connection } from '../ledger/pages.js';
import type { Person } from './releases.js';

export interface DeploymentRow {
  readonly name: string;
  readonly generation: number;
  readonly state: string;
  readonly message: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
  readonly deliverable: Record<string, unknown> | null;
  readonly deliveredCommit: string | null;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  readonly release: { readonly id: string } | null;
}

export interface Rollout {
  readonly step: number;
  readonly of: number | null;
  readonly weight: number;
  readonly track: string | null;
  readonly paused: { readonly why: string; readonly until: string | null; readonly since: string } | null;
  readonly analysis: {
    readonly step: number;
    readonly measurement: number;
    readonly verdict: string;
    readonly value: number | null;
    readonly message: string;
    readonly at: string;
  } | null;
  readonly directive: {
    readonly directive: string;
    readonly full: boolean;
    readonly by: Person | null;
    readonly at: string;
  } | null;
  readonly returned: string | null;
}

export interface Environment {
  readonly name: string;
  readonly project: string;
  readonly slot: string;
  readonly location: string;
  readonly state: string;
  readonly generation: number;
  readonly current: DeploymentRow | null;
  readonly lastGood: DeploymentRow | null;
  readonly running: DeploymentRow | null;
  readonly rollout: Rollout | null;
  readonly drift: {
    readonly paths: readonly string[];
    readonly commit: string | null;
    readonly noticedAt: string;
  } | null;
  readonly pendingConfig: { readonly directory: string; readonly commit: string; readonly noticedAt: string } | null;
}

export interface EnvironmentDetail extends Environment {
  readonly deployments: { readonly nodes: readonly DeploymentRow[]; readonly totalCount: number };
}

const DEPLOYMENT = `name generation state message ref commit deliverable deliveredCommit requestedAt finishedAt durationMs release { id }`;
const ENVIRONMENT = `name project slot location state generation
  current { ${DEPLOYMENT} }
  lastGood { ${DEPLOYMENT} }
  running { ${DEPLOYMENT} }
  rollout {
    step of weight track
    paused { why until since }
    analysis { step measurement verdict value message at }
    directive { directive full by { id name login } at }
    returned
  }
  drift { paths commit noticedAt }
  pendingConfig { directory commit noticedAt }`;

export const ENVIRONMENTS = `query Environments($first: Int, $after: String, $filter: EnvironmentFilter, $asOf: AsOf) {
  environments(first: $first, after: $after, filter: $filter, asOf: $asOf) {
    nodes { ${ENVIRONMENT} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface EnvironmentsAnswer {
  readonly environments: Connection<Environment>;
}

export const ENVIRONMENT_BY_NAME = `query Environment($name: String!, $asOf: AsOf) {
  environment(name: $name, asOf: $asOf) {
    ${ENVIRONMENT}
    deployments(first: 20) { nodes { ${DEPLOYMENT} } totalCount }
  }
}`;
export interface EnvironmentAnswer {
  readonly environment: EnvironmentDetail | null;
}

export const REMOVE_ENVIRONMENT = `mutation RemoveEnvironment($input: RemoveEnvironmentInput!) {
  removeEnvironment(input: $input) { environment { ${ENVIRONMENT} } position }
}`;
export interface RemoveEnvironmentAnswer {
  readonly removeEnvironment: { readonly environment: Environment; readonly position: string | null };
}

export const DIRECT_ROLLOUT = `mutation DirectRollout($input: DirectRolloutInput!) {
  directRollout(input: $input) { environment { ${ENVIRONMENT} } position }
}`;
export interface DirectRolloutAnswer {
  readonly directRollout: { readonly environment: Environment; readonly position: string | null };
}

export const DELETE_BRANCH = `mutation DeleteBranch($input: DeleteBranchInput!) {
  deleteBranch(input: $input) { branch slot environments position }
}`;
export interface DeleteBranchAnswer {
  readonly deleteBranch: {
    readonly branch: string;
    readonly slot: string;
    readonly environments: readonly string[];
    readonly position: string | null;
  };
}
