import { sql, type AliasedExpression, type Expression, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import type { Schema } from '../schema.js';
import { attributeTerm, personTerm, releaseTermId } from './table.js';

/** One thing that a release is found by. Ids, keys and names in the form the ledger keeps them in. */
export type SearchCriterion =
  | { readonly field: 'release' | 'event'; readonly release: string }
  | { readonly field: 'deployment' | 'event'; readonly deployment: string }
  | {
      readonly field: 'pipelineId' | 'jobId' | 'ref' | 'project' | 'location' | 'environment' | 'person';
      readonly value: string;
    }
  /** `value`: a whole one, or how it starts. */
  | { readonly field: 'commit' | 'configCommit' | 'digest'; readonly value: string }
  | { readonly field: 'attribute'; readonly name: string; readonly value: string }
  | { readonly field: 'event'; readonly correlationId: string }
  /** Asked for in a part of the log: of a project while an event of it was in force. `until` is left out of it. */
  | { readonly field: 'event'; readonly project: string; readonly from: number; readonly until: number | null };

export type SearchField = SearchCriterion['field'];

/** A release, or a deployment of none: a removal. */
export interface FoundRow {
  readonly position: number;
  readonly release: string | null;
  readonly deployment: string | null;
}

const WHOLE = { commit: [40, 64], configCommit: [40, 64], digest: [71] } as const;

/** Behind every character that follows a prefix of hex digits. */
const AFTER_PREFIX = '~';

const isWhole = (field: keyof typeof WHOLE, value: string): boolean =>
  (WHOLE[field] as readonly number[]).includes(value.length);

/** Everything that the criterion alone finds, as rows that an index gives in their order; no release twice. */
export const foundBy = (db: Kysely<Schema>, criterion: SearchCriterion): AliasedExpression<FoundRow, 'found'> =>
  sql<FoundRow>`${source(db, criterion)}`.as('found');

function source(db: Kysely<Schema>, criterion: SearchCriterion): Expression<FoundRow> {
  const releases = db
    .selectFrom('releases')
    .select(['position', 'id as release', sql<string | null>`cast(null as text)`.as('deployment')]);
  if ('release' in criterion) return releases.where('id', '=', criterion.release);
  if ('deployment' in criterion) return deployments(db).where('name', '=', criterion.deployment);
  if ('correlationId' in criterion) return releases.where('correlationId', '=', criterion.correlationId);
  switch (criterion.field) {
    case 'event': {
      const since = releases.where('project', '=', criterion.project).where('position', '>=', criterion.from);
      return criterion.until === null ? since : since.where('position', '<', criterion.until);
    }
    case 'pipelineId':
    case 'jobId':
    case 'ref':
    case 'project':
      return releases.where(criterion.field, '=', criterion.value);
    case 'commit':
    case 'configCommit':
    case 'digest': {
      const { field, value } = criterion;
      if (isWhole(field, value)) return releases.where(field, '=', value);
      return releases.where(field, '>=', value).where(field, '<', value + AFTER_PREFIX);
    }
    case 'location':
      return db
        .selectFrom('release_locations')
        .select(['position', 'release', sql<string | null>`cast(null as text)`.as('deployment')])
        .where('location', '=', criterion.value);
    case 'environment':
      return deployments(db).where('environment', '=', criterion.value);
    case 'person':
      return byTerm(db, personTerm(criterion.value));
    case 'attribute':
      return byTerm(db, attributeTerm(criterion.name, criterion.value));
  }
}

const deployments = (db: Kysely<Schema>) =>
  db
    .selectFrom('deployments')
    .select([
      'askedFor as position',
      'release',
      sql<string | null>`case when ${sql.ref('release')} is null then ${sql.ref('name')} end`.as('deployment'),
    ]);

const byTerm = (db: Kysely<Schema>, term: string) =>
  db
    .selectFrom('release_terms')
    .select(['position', 'release', sql<string | null>`cast(null as text)`.as('deployment')])
    .where('term', '=', term);

/**
 * Whether a found row meets another criterion, told from the row alone: an index is used for the first criterion only,
 * so each column stands in an expression that no index is for.
 */
export function meets(criterion: SearchCriterion): RawBuilder<SqlBool> {
  const release = sql.ref('found.release');
  const ofRelease = (condition: RawBuilder<SqlBool>): RawBuilder<SqlBool> =>
    sql<SqlBool>`exists (select 1 from ${sql.table('releases')} r where r.id = ${release} and ${condition})`;
  const column = (name: string): RawBuilder<string> => sql<string>`coalesce(${sql.ref(`r.${name}`)}, '')`;
  if ('release' in criterion) return sql<SqlBool>`${release} = ${criterion.release}`;
  if ('deployment' in criterion) {
    return sql<SqlBool>`(${sql.ref('found.deployment')} = ${criterion.deployment} or exists (
      select 1 from ${sql.table('deployments')} d where d.name = ${criterion.deployment} and d.release = ${release}))`;
  }
  if ('correlationId' in criterion) return ofRelease(sql`${column('correlationId')} = ${criterion.correlationId}`);
  switch (criterion.field) {
    case 'event': {
      const until = criterion.until ?? Number.MAX_SAFE_INTEGER;
      const { project, from } = criterion;
      return ofRelease(sql`${column('project')} = ${project} and r.position >= ${from} and r.position < ${until}`);
    }
    case 'pipelineId':
    case 'jobId':
    case 'ref':
      return ofRelease(sql`${column(criterion.field)} = ${criterion.value}`);
    case 'project':
      return sql<SqlBool>`(${ofRelease(sql`${column('project')} = ${criterion.value}`)} or exists (
        select 1 from ${sql.table('deployments')} d
        where d.name = ${sql.ref('found.deployment')} and ${sql.ref('d.project')} = ${criterion.value}))`;
    case 'commit':
    case 'configCommit':
    case 'digest': {
      const { field, value } = criterion;
      return ofRelease(sql`${column(field)} >= ${value} and ${column(field)} < ${value + AFTER_PREFIX}`);
    }
    case 'location':
      return sql<SqlBool>`(exists (
        select 1 from ${sql.table('release_locations')} l where l.id = ${release} || ${`@${criterion.value}`}) or exists (
        select 1 from ${sql.table('deployments')} d
        where d.name = ${sql.ref('found.deployment')} and ${sql.ref('d.location')} = ${criterion.value}))`;
    case 'environment':
      return sql<SqlBool>`exists (
        select 1 from ${sql.table('deployments')} d
        where (d.release = ${release} or d.name = ${sql.ref('found.deployment')})
          and coalesce(d.environment, '') = ${criterion.value})`;
    case 'person':
      return hasTerm(personTerm(criterion.value));
    case 'attribute':
      return hasTerm(attributeTerm(criterion.name, criterion.value));
  }
}

const hasTerm = (term: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`exists (
    select 1 from ${sql.table('release_terms')} t where t.id = ${sql.ref('found.release')} || ${releaseTermId('', term)})`;

/** The fewer a criterion usually finds, the earlier: that one is looked up, and the others are checked. */
export const SELECTIVITY: readonly SearchField[] = [
  'release',
  'deployment',
  'event',
  'pipelineId',
  'jobId',
  'commit',
  'digest',
  'attribute',
  'configCommit',
  'environment',
  'ref',
  'person',
  'project',
  'location',
];
