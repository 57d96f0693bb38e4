import { parseEnvironmentName } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import { type EnvironmentRow, MAX_PAGE, type Moment } from '@waybill/views';
import type { Asker } from '../access/asker.js';
import { forbid, mayRead, readableProjects } from '../access/permissions.js';
import type * as Api from '../graphql.gen.js';
import { momentOf } from '../history/moment.js';
import type { Parts } from '../parts.js';

/** Two deployments that are compared, each as of a moment; null where there is none. */
export interface Pair {
  /** What both are of: an environment, or `<project>.<slot>` of two locations. */
  readonly subject: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly fromMoment: Moment | null;
  readonly toMoment: Moment | null;
}

interface Side {
  readonly moment: Moment | null;
  /** Set when one thing is named. */
  readonly one: { readonly subject: string; readonly deployment: string | null } | null;
  readonly project: string | null;
  readonly location: string | null;
}

type Reading = Pick<Parts, 'views'>;

/**
 * What is to be compared with what, by subject. Throws `INVALID_INPUT` when the sides are not of a kind, `NOT_FOUND`
 * for a name that nothing has, `FORBIDDEN` for a project that the asker may not read.
 */
export async function pairsOf(
  parts: Reading,
  asker: Asker,
  from: Api.DiffSide,
  to: Api.DiffSide,
): Promise<readonly Pair[]> {
  const [a, b] = [await sideOf(parts, asker, 'from', from), await sideOf(parts, asker, 'to', to)];
  const moments = { fromMoment: a.moment, toMoment: b.moment };
  if (a.one && b.one) {
    const subject = a.one.subject === b.one.subject ? a.one.subject : `${a.one.subject} … ${b.one.subject}`;
    return [{ subject, from: a.one.deployment, to: b.one.deployment, ...moments }];
  }
  if (a.one || b.one) throw mistaken('to', 'compare one deployment or environment with one, or many with many');
  const byPlace = a.location !== b.location;
  const keyOf = ({ name, project, slot }: EnvironmentRow): string => (byPlace ? `${project}.${slot}` : name);
  const [before, after] = [await standing(parts, asker, a), await standing(parts, asker, b)];
  const [left, right] = [before, after].map((rows) => new Map(rows.map((row) => [keyOf(row), row.current])));
  return [...new Set([...left!.keys(), ...right!.keys()])].sort().flatMap((subject) => {
    const pair = { subject, from: left!.get(subject) ?? null, to: right!.get(subject) ?? null, ...moments };
    return pair.from === pair.to ? [] : [pair];
  });
}

async function sideOf(parts: Reading, asker: Asker, field: string, side: Api.DiffSide): Promise<Side> {
  const named = [side.environment, side.deployment, side.location].filter((name) => name != null);
  if (named.length > 1 || (named.length === 1 && side.location == null && side.project != null)) {
    throw mistaken(field, 'give one of environment, deployment and location; a project narrows a location only');
  }
  const moment = await momentOf(parts, side.asOf);
  const project = side.project?.trim().toLowerCase() ?? null;
  if (project !== null && !mayRead(asker, project)) forbid('diff', ['analyst'], project);
  const location = side.location?.trim().toLowerCase() ?? null;
  const environment = side.environment?.trim().toLowerCase();
  const deployment = side.deployment?.trim().toLowerCase();
  const subject = environment ?? deployment;
  if (subject === undefined) return { moment, one: null, project, location };
  const id = parseEnvironmentName(environment ?? subject.replace(/\.\d+$/, ''));
  if (!id) throw mistaken(field, `${subject} is no name of an environment or a deployment`);
  if (!mayRead(asker, id.project)) forbid('diff', ['analyst'], id.project);
  if (deployment !== undefined) return { moment, one: { subject, deployment }, project, location };
  const { environments, history } = parts.views;
  const row = await (moment ? history.environmentAt(subject, moment) : environments.get(subject));
  // Nothing stood there then: that is an answer. What never was is a mistake.
  if (!row && !(await environments.get(subject))) {
    throw new WaybillError('NOT_FOUND', `no environment is called ${subject}`, {
      hint: 'Names look like <project>.<slot>@<location>; waybill status lists them.',
    });
  }
  return { moment, one: { subject, deployment: row?.current ?? null }, project, location };
}

/** All environments that stood on one side: there are some thousand of them at most. */
async function standing(
  { views }: Reading,
  asker: Asker,
  { moment, project, location }: Side,
): Promise<readonly EnvironmentRow[]> {
  const readable = readableProjects(asker);
  const filter = { project, location, projects: readable === '*' ? null : readable };
  const rows: EnvironmentRow[] = [];
  let after: string | null = null;
  do {
    const request: { first: number; after: string | null; filter: typeof filter } = { first: MAX_PAGE, after, filter };
    const { nodes, pageInfo } = moment
      ? await views.history.environmentsAt(moment, request)
      : await views.environments.list(request);
    rows.push(...nodes);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return rows;
}

const mistaken = (field: string, message: string): WaybillError =>
  new WaybillError('INVALID_INPUT', `${field}: ${message}`, { fields: [{ field, message }] });
