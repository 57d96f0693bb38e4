import type { BranchRule } from '../rules/rule.js';
import { machineText, type ResourceKind } from '../vocabulary.js';
import { approvalBinding, approvalsNeeded, currentApprovers, isRollback } from './approvals.js';
import type { EvaluationContext } from './commands.js';
import type { Hold } from './events.js';
import type { OpenRelease, ReleaseState } from './state.js';

export interface PlannedResource {
  readonly resource: string;
  readonly kind: ResourceKind;
  readonly location: string;
  /** The resource that the rule names, when its location was migrated. */
  readonly named?: string | undefined;
}

/**
 * All that holds a release, in the order in which people deal with it. A pending approval shows once deliverable and
 * configuration are known: it binds them.
 */
export function holdsOf(state: OpenRelease, context: EvaluationContext): Hold[] {
  const holds: Hold[] = [];
  if (state.deliverable === null) holds.push({ kind: 'awaiting-deliverable' });
  if (state.config === null) holds.push(configHold(state.configProblem));
  for (const { section, field, why } of context.missing) {
    holds.push({ kind: 'missing-metadata', section, field, why });
  }
  for (const resource of state.rule.resources) {
    const found = context.resources.find((r) => r.resource === resource);
    if (!found) holds.push({ kind: 'resource-unavailable', resource, message: 'it is not onboarded' });
    else if ('unavailable' in found) {
      holds.push({ kind: 'resource-unavailable', resource, message: machineText(found.unavailable) });
    }
  }
  if (context.windowOpensAt !== null && !isRollback(state)) {
    holds.push({ kind: 'window-closed', opensAt: context.windowOpensAt });
  }
  const need = approvalsNeeded(state);
  if (need > 0 && approvalBinding(state)) {
    const have = currentApprovers(state).length;
    const approvers = context.approvers.filter((approver) => approver !== state.requestedBy);
    if (have < need) holds.push({ kind: 'approval-pending', have, need, approvers });
  }
  return holds;
}

function configHold(problem: ReleaseState['configProblem']): Hold {
  if (!problem) return { kind: 'awaiting-config' };
  const place = [problem.file, problem.line].filter((part) => part !== null).join(':');
  const known = place === '' || problem.message.includes(place);
  return {
    kind: 'config',
    problem: problem.problem,
    message: known ? problem.message : machineText(`${place}: ${problem.message}`),
  };
}

/** The resources of the rule that are there, in its order. */
export function plannedResources(rule: BranchRule, context: EvaluationContext): PlannedResource[] {
  const taken = new Set<string>();
  return rule.resources.flatMap((resource) => {
    const found = context.resources.find((r) => r.resource === resource);
    if (!found || !('location' in found)) return [];
    const { kind, location, moved } = found;
    // A rule may name a resource and, from before its location was migrated to, the one that it stands for.
    const today = moved?.resource ?? resource;
    if (taken.has(today)) return [];
    taken.add(today);
    return [moved ? { resource: moved.resource, kind, location, named: resource } : { resource, kind, location }];
  });
}

/** The rule's stages with the locations where their resources are today. */
export function stagesToday(rule: BranchRule, context: EvaluationContext): string[][] {
  const moved = new Map(
    context.resources.flatMap((found) =>
      'location' in found && found.moved ? found.moved.from.map((from) => [from, found.location] as const) : [],
    ),
  );
  const taken = new Set<string>();
  return rule.stages.map((stage) =>
    stage.flatMap((named) => {
      const location = moved.get(named) ?? named;
      if (taken.has(location)) return [];
      taken.add(location);
      return location;
    }),
  );
}

/**
 * Locations in the order in which they are deployed to. A location that the rule's stages do not name belongs to the
 * last of them. Without stages: all at once, but a location that is nothing but a gateway comes behind what it leads to.
 */
export function stagesOf(rule: Pick<BranchRule, 'stages'>, resources: readonly PlannedResource[]): string[][] {
  const unnamed = new Set(resources.map((r) => r.location));
  const stages = rule.stages
    .map((stage) => stage.filter((location) => unnamed.delete(location)))
    .filter((stage) => stage.length > 0);
  const last = stages.at(-1);
  if (last) {
    last.push(...unnamed);
    return stages;
  }
  const isGateway = (location: string): boolean =>
    resources.every((r) => r.location !== location || r.kind === 'apig' || r.kind === 'gateway-api');
  const locations = [...unnamed];
  return [locations.filter((l) => !isGateway(l)), locations.filter(isGateway)].filter((stage) => stage.length > 0);
}
