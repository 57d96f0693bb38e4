import { categoryOf, parseEnvironmentName } from '@waybill/domain';
import { type CommandDependencies, WaybillError } from '@waybill/kernel';
import { loadRelease } from '../release/context.js';
import type { Views } from '@waybill/views';
import type { Subject } from './permissions.js';

export interface SubjectLookups extends CommandDependencies {
  readonly views: Pick<Views, 'releases' | 'timeline' | 'incidents'>;
}

/** For which project a role is needed: a key, `*` for all, null when any will do. */
export type Scope = string | null;

type Arguments = Readonly<Record<string, unknown>>;

/** Of which project the subject of an operation is. What does not exist needs a role anywhere: then it is not found. */
export async function scopeOf(lookups: SubjectLookups, subject: Subject, args: Arguments): Promise<Scope> {
  switch (subject.of) {
    case 'ledger':
      return '*';
    case 'any':
      return null;
    case 'project':
      return key(textAt(args, subject.at));
    case 'list':
      return key(textAt(args, subject.at));
    case 'environment':
      return projectOfEnvironment(textAt(args, subject.at));
    case 'deployment':
      return projectOfEnvironment(textAt(args, subject.at)?.replace(/\.\d+$/, ''));
    case 'incident':
      return projectOfIncident(lookups, textAt(args, subject.at));
    case 'release': {
      const environment = textAt(args, `${subject.at}.environment`);
      if (environment !== undefined) return projectOfEnvironment(environment);
      return projectOfRelease(lookups, textAt(args, subject.at) ?? textAt(args, `${subject.at}.release`));
    }
    case 'events': {
      const stream = textAt(args, 'stream');
      if (stream !== undefined) return scopeOfStream(lookups, stream);
      const correlation = textAt(args, 'correlationId');
      if (correlation === undefined) return '*';
      const [first] = (await lookups.views.timeline.byCorrelation(correlation, { first: 1 })).nodes;
      return first ? scopeOfStream(lookups, first.stream) : null;
    }
  }
}

/** Of which project a stream is; streams of locations are open to every reader, those of access to auditors. */
export async function scopeOfStream(lookups: SubjectLookups, stream: string): Promise<Scope> {
  const rest = stream.slice(stream.indexOf('-') + 1);
  switch (categoryOf(stream)) {
    case 'project':
      return key(rest);
    case 'release':
      return projectOfRelease(lookups, rest);
    case 'environment':
      return projectOfEnvironment(rest);
    case 'deployment':
      return projectOfEnvironment(rest.replace(/\.\d+$/, ''));
    case 'incident':
      return projectOfIncident(lookups, rest);
    case 'location':
      return null;
    default:
      return '*';
  }
}

async function projectOfRelease(lookups: SubjectLookups, idOrPrefix: string | undefined): Promise<Scope> {
  if (idOrPrefix === undefined) return null;
  const id = await fullReleaseId(lookups, idOrPrefix);
  if (id === undefined) return null;
  const { state } = await loadRelease(lookups, id);
  return state.requested?.project ?? null;
}

async function projectOfIncident({ views }: SubjectLookups, id: string | undefined): Promise<Scope> {
  return id === undefined ? null : ((await views.incidents.get(id.trim().toLowerCase()))?.project ?? null);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A release by its id or by a prefix of eight characters or more; undefined when there is none. Throws
 * `INVALID_INPUT` for a prefix that is too short or fits several.
 */
export async function fullReleaseId(
  { views }: Pick<SubjectLookups, 'views'>,
  idOrPrefix: string,
): Promise<string | undefined> {
  const wanted = idOrPrefix.trim().toLowerCase();
  if (UUID.test(wanted)) return wanted;
  const [found, ...others] = await views.releases.findByPrefix(wanted);
  if (found && others.length > 0) {
    throw new WaybillError('INVALID_INPUT', `several releases start with ${wanted}`, {
      hint: 'Give more of the id.',
      fields: [{ field: 'release', message: 'is not the start of one release only' }],
    });
  }
  return found?.id;
}

const projectOfEnvironment = (name: string | undefined): Scope =>
  name === undefined ? null : (parseEnvironmentName(name.trim().toLowerCase())?.project ?? null);

const key = (text: string | undefined): Scope => (text === undefined ? null : text.trim().toLowerCase());

function textAt(args: Arguments, path: string): string | undefined {
  let value: unknown = args;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Arguments)[name];
  }
  return typeof value === 'string' ? value : undefined;
}
