import { WaybillError, assertNever, canonicalText, type Decider } from '@waybill/kernel';
import { requireRole } from '../access/require-role.js';
import { presetRules } from '../rules/presets.js';
import { previewHostChecker } from '../rules/preview-hosts.js';
import { ruleProblems } from '../rules/validate.js';
import { slotOf } from '../slot.js';
import type { Role } from '../vocabulary.js';
import type { ProjectCommand } from './commands.js';
import type { ProjectEvent } from './events.js';
import { evolveProject, initialProjectState, type ProjectState } from './state.js';

/**
 * One project. Each section is submitted by its role, rules by devops; `admin` may do all of it. Submitting what stands
 * already writes nothing.
 */
export const projectDecider: Decider<ProjectState, ProjectCommand, ProjectEvent> = {
  initialState: initialProjectState,
  decide: decideProject,
  evolve: evolveProject,
};

interface Permission {
  readonly roles: readonly Role[];
  readonly doing: string;
}

const PERMISSIONS: Readonly<Record<ProjectCommand['type'], Permission>> = {
  RegisterProject: { roles: ['developer', 'business', 'devops'], doing: 'registering a project' },
  SubmitDeveloperMetadata: { roles: ['developer'], doing: 'submitting the developer section' },
  SubmitBusinessMetadata: { roles: ['business'], doing: 'submitting the business section' },
  SubmitDevopsMetadata: { roles: ['devops'], doing: 'submitting the devops section' },
  DefineBranchRules: { roles: ['devops'], doing: 'defining branch rules' },
  DeleteBranch: { roles: ['developer', 'devops'], doing: 'removing the environments of a branch' },
};

function decideProject(command: ProjectCommand, state: ProjectState): readonly ProjectEvent[] {
  const { roles, doing } = PERMISSIONS[command.type];
  requireRole(command.metadata.actor, roles, doing);
  if (command.type !== 'RegisterProject' && !state.registered) {
    const { project } = command.data;
    throw new WaybillError('NOT_FOUND', `no project is called ${project}`, {
      hint: `Register it first (waybill project create ${project}), or check the key.`,
    });
  }
  switch (command.type) {
    case 'RegisterProject':
      return register(command, state);
    case 'SubmitDeveloperMetadata':
      if (same(state.developer, command.data.metadata)) return [];
      return [{ type: 'DeveloperMetadataSubmitted', data: command.data }];
    case 'SubmitBusinessMetadata':
      if (same(state.business, command.data.metadata)) return [];
      refuseTakenDomains(command.data, state);
      return [{ type: 'BusinessMetadataSubmitted', data: command.data }];
    case 'SubmitDevopsMetadata':
      if (same(state.devops, command.data.metadata)) return [];
      return [{ type: 'DevopsMetadataSubmitted', data: command.data }];
    case 'DefineBranchRules':
      return defineRules(command, state);
    case 'DeleteBranch': {
      const { project, branch } = command.data;
      return [
        { type: 'BranchDeleted', data: { project, branch, slot: slotOf(project, { kind: 'branch', name: branch }) } },
      ];
    }
    default:
      return assertNever(command);
  }
}

type CommandOf<Type extends ProjectCommand['type']> = Extract<ProjectCommand, { type: Type }>;

function register({ data }: CommandOf<'RegisterProject'>, state: ProjectState): readonly ProjectEvent[] {
  if (!state.registered) return [{ type: 'ProjectRegistered', data }];
  if (state.name === data.name) return [];
  throw new WaybillError('ALREADY_EXISTS', `project ${data.project} is registered already, as "${state.name}"`, {
    hint: 'Choose another key, or go on with the project that is there.',
  });
}

function defineRules({ data, context }: CommandOf<'DefineBranchRules'>, state: ProjectState): readonly ProjectEvent[] {
  const { project, rules } = data;
  const { business, devops } = state;
  const fields = ruleProblems(rules, context.resources, {
    key: project,
    business,
    devops,
    elsewhere: context.elsewhere ?? [],
  });
  if (fields.length > 0) {
    throw new WaybillError(
      'INVALID_INPUT',
      `the branch rules of ${project} cannot be taken: ${fields.map((p) => `${p.field}: ${p.message}`).join('; ')}`,
      { fields, hint: 'Correct the rules that are named; nothing was changed.' },
    );
  }
  // Rules that were edited are no preset any more: the record must not say that they are.
  const preset = data.preset !== null && same(presetRules(data.preset), rules) ? data.preset : null;
  if (state.preset === preset && same(state.rules, rules)) return [];
  return [{ type: 'BranchRulesDefined', data: { project, preset, rules } }];
}

/** A domain that is the preview host of a rule would be reached in two versions at once. */
function refuseTakenDomains(
  { project, metadata }: CommandOf<'SubmitBusinessMetadata'>['data'],
  { rules }: ProjectState,
): void {
  const fields = metadata.domains.flatMap((domain, index) => {
    const problemOf = previewHostChecker(project, [domain], rules);
    const taking = rules.find((rule) => problemOf(rule, rule.strategy) !== null);
    return taking === undefined
      ? []
      : [{ field: `metadata.domains.${index}`, message: `${domain} is the preview host of rule ${taking.name}` }];
  });
  if (fields.length === 0) return;
  throw new WaybillError(
    'INVALID_INPUT',
    `the business section of ${project} cannot be taken: ${fields.map((p) => `${p.field}: ${p.message}`).join('; ')}`,
    { fields, hint: 'Choose another domain, or another preview host in the branch rule.' },
  );
}

function same(a: unknown, b: unknown): boolean {
  return canonicalText(a) === canonicalText(b);
}
