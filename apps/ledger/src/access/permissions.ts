import { type Role, type Section, mayDo } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import type { Mutation, Query } from '../graphql.gen.js';
import type { Asker } from './asker.js';

/** What an operation is about, and so for which project a role must be held. Paths lead into its arguments. */
export type Subject =
  /** Something of the whole ledger: the role must be held for all projects. */
  | { readonly of: 'ledger' }
  /** Nothing in particular, or lists that are cut to what the asker may read: any project will do. */
  | { readonly of: 'any' }
  | { readonly of: 'project' | 'release' | 'environment' | 'deployment' | 'incident'; readonly at: string }
  /** A list that may name a project; cut to what the asker may read when it does not. */
  | { readonly of: 'list'; readonly at: string }
  /** Events: by stream or by correlation. */
  | { readonly of: 'events' };

export interface Permission {
  /** `admin` may do everything within its scope. `somebody`: no role needed, the decision lies elsewhere. */
  readonly roles: readonly Role[] | 'somebody' | 'section';
  readonly subject: Subject;
}

/** Everybody who works with the ledger; `adapter` speaks through the channel only. */
export const READERS: readonly Role[] = ['developer', 'business', 'devops', 'analyst'];
/** Whoever may say that something went wrong; the decision names the same. */
export const RECORDERS: readonly Role[] = ['developer', 'business', 'devops'];
const LEDGER: Subject = { of: 'ledger' };
const ANY: Subject = { of: 'any' };
const project = (at: string): Subject => ({ of: 'project', at });
const release = (at: string): Subject => ({ of: 'release', at });
const read = (subject: Subject): Permission => ({ roles: READERS, subject });
const admin: Permission = { roles: ['admin'], subject: LEDGER };
const devops: Permission = { roles: ['devops'], subject: LEDGER };

export const QUERIES: Readonly<Record<keyof Query, Permission>> = {
  ledger: read(ANY),
  me: { roles: 'somebody', subject: ANY },
  project: read(project('key')),
  projects: read({ of: 'list', at: '' }),
  location: read(ANY),
  locations: read(ANY),
  resources: read(ANY),
  migration: read(ANY),
  migrationPlan: devops,
  release: read(release('id')),
  settledRelease: read(release('id')),
  releases: read({ of: 'list', at: 'filter.project' }),
  environment: read({ of: 'environment', at: 'name' }),
  environments: read({ of: 'list', at: 'filter.project' }),
  deployment: read({ of: 'deployment', at: 'name' }),
  deployments: read({ of: 'list', at: 'filter.project' }),
  // What it finds is cut to what the asker may read.
  search: read(ANY),
  events: read({ of: 'events' }),
  testRules: read(project('project')),
  render: read(project('input.project')),
  // Counts what the asker may read.
  statistics: read(ANY),
  dora: read({ of: 'list', at: 'input.project' }),
  doraDefinitions: read(ANY),
  incident: read({ of: 'incident', at: 'id' }),
  incidents: read({ of: 'list', at: 'filter.project' }),
  // Its subject may be anything: the resolver looks once it knows what it is.
  why: read(ANY),
  whyNot: read(project('input.project')),
  // Its sides may be anything: the resolver looks once it knows what they are.
  diff: read(ANY),
  principals: admin,
  rebuild: admin,
  deadLetters: devops,
};

export const MUTATIONS: Readonly<Record<keyof Mutation, Permission>> = {
  registerProject: { roles: ['developer', 'business', 'devops'], subject: project('input.key') },
  submitMetadata: { roles: 'section', subject: project('input.project') },
  defineRules: { roles: ['devops'], subject: project('input.project') },
  onboardLocation: devops,
  changeLocation: devops,
  retireLocation: devops,
  migrateLocation: devops,
  stopMigration: devops,
  resumeMigration: devops,
  removeMigrated: devops,
  revertMigration: devops,
  onboardResource: devops,
  changeResource: devops,
  retireResource: devops,
  requestRelease: { roles: ['developer'], subject: project('input.project') },
  provideDeliverable: { roles: ['developer'], subject: release('input.release') },
  // Whoever the business names as approver may, irrespective of roles: the decision knows the names.
  approveRelease: { roles: 'somebody', subject: release('input.release') },
  refuseRelease: { roles: 'somebody', subject: release('input.release') },
  cancelRelease: { roles: ['developer'], subject: release('input.release') },
  rollback: { roles: ['developer'], subject: { of: 'release', at: 'input' } },
  deleteBranch: { roles: ['developer', 'devops'], subject: project('input.project') },
  removeEnvironment: { roles: ['devops'], subject: { of: 'environment', at: 'input.name' } },
  directRollout: { roles: ['developer', 'devops'], subject: { of: 'environment', at: 'input.name' } },
  openIncident: { roles: RECORDERS, subject: project('input.project') },
  nameIncidentCause: { roles: RECORDERS, subject: { of: 'incident', at: 'input.incident' } },
  resolveIncident: { roles: RECORDERS, subject: { of: 'incident', at: 'input.incident' } },
  correctIncident: { roles: RECORDERS, subject: { of: 'incident', at: 'input.incident' } },
  checkConfig: { roles: ['developer', 'devops'], subject: project('project') },
  createToken: admin,
  // Everybody may revoke a token of their own: the decision knows whose it is.
  revokeToken: { roles: 'somebody', subject: ANY },
  grantRole: admin,
  revokeRole: admin,
  erasePerson: admin,
  rebuildViews: admin,
  retryDeadLetter: devops,
  createLoginLink: read(ANY),
};

/** Roles that would do, `admin` aside. */
export function rolesNeeded({ roles }: Permission, section: Section | undefined): readonly Role[] | 'somebody' {
  return roles === 'section' ? (section ? [section] : READERS) : roles;
}

/** Whether the asker holds one of the roles for the project, for all (`*`), or (`null`) for any project at all. */
export function holdsOneOf({ access }: Asker, roles: readonly Role[], scope: string | null): boolean {
  if (scope !== null) return roles.some((role) => mayDo(access, role, scope));
  return access.grants.some(({ role }) => role === 'admin' || roles.includes(role));
}

/** Projects the asker may read: all (`*`), or these. */
export function readableProjects({ access }: Asker): '*' | readonly string[] {
  const reading = access.grants.filter(({ role }) => role === 'admin' || READERS.includes(role));
  if (reading.some(({ scope }) => scope === '*')) return '*';
  return [...new Set(reading.map(({ scope }) => scope))];
}

export function mayRead(asker: Asker, project: string): boolean {
  const readable = readableProjects(asker);
  return readable === '*' || readable.includes(project);
}

/** Throws `FORBIDDEN` naming the roles that would do. */
export function forbid(operation: string, roles: readonly Role[], scope: string | null): never {
  const needed = [...new Set([...roles, 'admin'])].join(' or ');
  const where = scope === null ? '' : scope === '*' ? ' for all projects' : ` for project ${scope}`;
  throw new WaybillError('FORBIDDEN', `${operation} needs the role ${needed}${where}`, {
    hint: 'Ask an admin to grant you the role (waybill grant), or somebody who holds it to do it.',
  });
}
