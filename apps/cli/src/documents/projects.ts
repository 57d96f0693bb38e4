import type { Connection } from '../ledger/pages.js';

export interface MissingMetadata {
  readonly section: string;
  readonly role: string;
  readonly field: string;
  readonly rules: readonly string[];
  readonly why: string;
}

export interface BranchRule {
  readonly name: string;
  readonly kind: 'BRANCH' | 'TAG';
  readonly pattern: string | null;
  readonly resources: readonly string[];
  readonly tier: string;
  readonly directory: string;
  readonly strategy: { readonly type: string };
  readonly approvals: number;
  readonly stages: readonly (readonly string[])[];
  readonly onConfigChange: string;
  readonly onFailure: string;
}

export interface ProjectRow {
  readonly key: string;
  readonly name: string;
  readonly registeredAt: string;
  readonly preset: string | null;
  readonly rules: readonly { readonly name: string }[];
  readonly missing: readonly MissingMetadata[];
}

export interface Project extends Omit<ProjectRow, 'rules'> {
  readonly developer: Record<string, unknown> | null;
  readonly business: Record<string, unknown> | null;
  readonly devops: Record<string, unknown> | null;
  readonly owner: { readonly id: string; readonly name: string | null; readonly login: string | null } | null;
  readonly rulesRevision: number | null;
  readonly rules: readonly BranchRule[];
}

const ROW = `key name registeredAt preset rules { name } missing { section role field rules why }`;
const RULES = `rulesRevision preset
  rules { name kind pattern resources tier directory strategy approvals stages onConfigChange onFailure }`;
const PROJECT = `key name registeredAt developer business devops owner { id name login } ${RULES}
  missing { section role field rules why }`;

export const PROJECTS = `query Projects($first: Int, $after: String, $search: String) {
  projects(first: $first, after: $after, search: $search) {
    nodes { ${ROW} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface ProjectsAnswer {
  readonly projects: Connection<ProjectRow>;
}

export const PROJECT_BY_KEY = `query Project($key: String!) { project(key: $key) { ${PROJECT} } }`;
export interface ProjectAnswer {
  readonly project: Project | null;
}

export const SOURCE_REPOSITORY = `query SourceRepository($key: String!) { project(key: $key) { developer } }`;
export interface SourceRepositoryAnswer {
  readonly project: { readonly developer: { readonly sourceRepository?: string } | null } | null;
}

const payload = `{ project { ${PROJECT} } position }`;
export interface ProjectPayload {
  readonly project: Project;
  readonly position: string | null;
}

export const REGISTER_PROJECT = `mutation RegisterProject($input: RegisterProjectInput!) { registerProject(input: $input) ${payload} }`;
export const SUBMIT_METADATA = `mutation SubmitMetadata($input: SubmitMetadataInput!) { submitMetadata(input: $input) ${payload} }`;
export const DEFINE_RULES = `mutation DefineRules($input: DefineRulesInput!) { defineRules(input: $input) ${payload} }`;

export const TEST_RULES = `query TestRules($project: String!, $ref: RefInput!) {
  testRules(project: $project, ref: $ref) {
    ref kind matched slot
    explanations { rule pattern matches asked why }
  }
}`;
export interface RuleTest {
  readonly ref: string;
  readonly kind: string;
  readonly matched: string | null;
  readonly slot: string | null;
  readonly explanations: readonly {
    readonly rule: string;
    readonly pattern: string | null;
    readonly matches: boolean;
    readonly asked: boolean;
    readonly why: string;
  }[];
}
export interface TestRulesAnswer {
  readonly testRules: RuleTest;
}

export const RENDER = `query Render($input: RenderInput!) {
  render(input: $input) {
    rule slot directory configDigest
    locations { location files { path text } }
  }
}`;
export interface Rendering {
  readonly rule: string;
  readonly slot: string;
  readonly directory: string;
  readonly configDigest: string | null;
  readonly locations: readonly {
    readonly location: string;
    readonly files: readonly { readonly path: string; readonly text: string }[];
  }[];
}
export interface RenderAnswer {
  readonly render: Rendering;
}

export const CHECK_CONFIG = `mutation CheckConfig($project: String!) { checkConfig(project: $project) { noticed } }`;
export interface CheckConfigAnswer {
  readonly checkConfig: { readonly noticed: number };
}
