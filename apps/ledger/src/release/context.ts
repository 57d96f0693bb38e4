import {
  type BranchRule,
  type Deliverable,
  type EvaluationContext,
  type ProjectEvent,
  type ProjectState,
  type ReleaseCommand,
  type ReleaseEvent,
  type ReleaseState,
  type RequestContext,
  compileRules,
  matchRef,
  missingMetadata,
  projectDecider,
  projectStreamOf,
  releaseDecider,
  releaseStreamOf,
  rulesInForce,
  windowOpensAt,
} from '@waybill/domain';
import { type CommandDependencies, type CommandMetadata, WaybillError, loadStream } from '@waybill/kernel';
import { configAtOnce } from '@waybill/policies';
import { resourcesInForce } from '../location/resources.js';
import type { Parts } from '../parts.js';
import { configDependencies } from '../roles/policy-dependencies.js';

type RequestData = Extract<ReleaseCommand, { type: 'RequestRelease' }>['data'];

/**
 * What the rules say about a request is decided with the rules as they are now, and so is whether anything holds it.
 * Unknown project: an error, no event.
 */
export async function requestContext(parts: Parts, data: RequestData, now: string): Promise<RequestContext> {
  const project = await requireRegistered(parts, data.project);
  const inForce = rulesInForce(project.events);
  const rules = inForce?.rules ?? [];
  const context = { rules, rulesRevision: inForce?.revision ?? null };
  if (data.reuses !== null) return { ...context, reused: await reusedIntent(parts, data, data.reuses) };
  const rule = matchRef(compileRules(rules), data.ref)?.rule;
  if (!rule) return { ...context, reused: null };
  const wanted = { project: data.project, ref: data.ref, rule, metadata: project.state };
  const [config, evaluation] = await Promise.all([
    // What is wrong here is wrong for the policy that reads it next, too, and that records it.
    configAtOnce(configDependencies(parts), wanted).catch(() => null),
    contextOf(parts, project, rule, null, now),
  ]);
  return { ...context, reused: null, config, evaluation };
}

/** The project as the log has it. Throws `NOT_FOUND`. */
export async function requireRegistered(parts: CommandDependencies, key: string): ReturnType<typeof loadProject> {
  const project = await loadProject(parts, key);
  if (project.state.registered) return project;
  throw new WaybillError('NOT_FOUND', `no project is called ${key}`, {
    hint: `Register it first (waybill project create ${key}), or check the key.`,
  });
}

/**
 * Throws `INVALID_INPUT` when a caller gives another kind of deliverable than the project is said to have: every
 * location would reject it. A command that was taken is taken again, whatever the project says since.
 */
export async function assertKindFits(
  parts: CommandDependencies,
  { data, metadata }: { readonly data: GivenDeliverable; readonly metadata: Pick<CommandMetadata, 'commandId'> },
): Promise<void> {
  if (data.deliverable === null) return;
  const { state, events } = await loadRelease(parts, data.release);
  const project = data.project ?? state.requested?.project;
  if (project === undefined) return;
  const { developer } = (await loadProject(parts, project)).state;
  const { kind } = data.deliverable;
  if (!developer || developer.deliverable.kind === kind) return;
  if (events.some(({ commandId }) => commandId === metadata.commandId)) return;
  throw new WaybillError(
    'INVALID_INPUT',
    `the deliverable of ${project} is of kind ${developer.deliverable.kind}, not ${kind}`,
    {
      hint: `Give one of kind ${developer.deliverable.kind}, or change the deliverable in the developer metadata first.`,
      fields: [
        { field: 'deliverable.kind', message: `is ${kind}, the developer metadata says ${developer.deliverable.kind}` },
      ],
    },
  );
}

interface GivenDeliverable {
  readonly release: string;
  readonly project?: string;
  readonly deliverable: Deliverable | null;
}

async function reusedIntent(
  parts: CommandDependencies,
  { project, trigger }: RequestData,
  release: string,
): Promise<RequestContext['reused']> {
  const { state } = await loadRelease(parts, release);
  if (state.phase === 'none') throw new WaybillError('NOT_FOUND', `there is no release ${release}`);
  if (state.requested?.project !== project) {
    throw new WaybillError('INVALID_INPUT', `release ${release} is not one of ${project}`, {
      fields: [{ field: 'reuses', message: 'belongs to another project' }],
    });
  }
  const { deliverable, config, metadataRevision } = state;
  return trigger === 'config-change'
    ? { deliverable, config: null, metadataRevision: null }
    : { deliverable, config, metadataRevision };
}

/** All that may hold a release, as it is at `now`. A reused intent is looked at with the metadata as it stood then. */
export async function evaluationContext(parts: Parts, release: string, now: string): Promise<EvaluationContext> {
  const { state } = await loadRelease(parts, release);
  const { requested, rule } = state;
  if (!requested || !rule) {
    return { missing: [], configIsRead: false, windowOpensAt: null, approvers: [], metadataRevision: 0, resources: [] };
  }
  return contextOf(parts, await loadProject(parts, requested.project), rule, state.metadataRevision, now);
}

async function contextOf(
  parts: Parts,
  today: Awaited<ReturnType<typeof loadProject>>,
  rule: BranchRule,
  metadataRevision: number | null,
  now: string,
): Promise<EvaluationContext> {
  const resources = await resourcesInForce(parts);
  const metadata = metadataRevision === null ? today.state : projectAt(parts, today.events, metadataRevision);
  const window = today.state.business?.releaseWindow;
  const known = new Map(resources.map((resource) => [resource.resource, resource]));
  return {
    missing: missingMetadata(metadata, [rule]),
    configIsRead: today.state.developer !== null,
    windowOpensAt: window?.tiers.includes(rule.tier) ? windowOpensAt(window, now) : null,
    approvers: today.state.business?.approvers ?? [],
    metadataRevision: today.revision,
    resources: rule.resources.map(
      (resource) => known.get(resource) ?? { resource, unavailable: 'it is not onboarded, or it was retired' },
    ),
  };
}

/** Who the business names as approvers of the release's project today. */
export async function approversOf(parts: CommandDependencies, release: string): Promise<readonly string[]> {
  const { state } = await loadRelease(parts, release);
  if (!state.requested) return [];
  const project = await loadProject(parts, state.requested.project);
  return project.state.business?.approvers ?? [];
}

export const loadRelease = (parts: CommandDependencies, release: string) =>
  loadStream<ReleaseState, ReleaseEvent>(parts, releaseDecider, releaseStreamOf(release));

export const loadProject = (parts: CommandDependencies, project: string) =>
  loadStream<ProjectState, ProjectEvent>(parts, projectDecider, projectStreamOf(project));

function projectAt(
  { catalogue }: CommandDependencies,
  events: Awaited<ReturnType<typeof loadProject>>['events'],
  revision: number,
): ProjectState {
  return events
    .filter((event) => event.revision <= revision)
    .reduce<ProjectState>(
      (state, event) => projectDecider.evolve(state, catalogue.upcast<ProjectEvent>(event)),
      projectDecider.initialState,
    );
}
