import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { DeploymentRow } from '../deployments/queries.js';
import { deploymentTable } from '../deployments/table.js';
import type { EnvironmentFilter, EnvironmentRow, EnvironmentStateName } from '../environments/queries.js';
import type { PendingConfig } from '../environments/table.js';
import { decodeCursor, encodeCursor, listFingerprint, pageSize, type Page, type PageRequest } from '../paging.js';
import { durationBetween, wantedOf, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { between, heldAt, type Moment } from './moment.js';
import { standingTable, versionTable } from './table.js';

/** A page whose count is only made when it is asked for: it reads far more than the page. */
export type CountedPage<Node> = Omit<Page<Node>, 'totalCount'> & { readonly totalCount: () => Promise<number> };

export interface EstateHistory {
  environmentAt(name: string, moment: Moment): Promise<EnvironmentRow | undefined>;
  /** Everything that stood or was being deployed or removed, by name. */
  environmentsAt(
    moment: Moment,
    request: PageRequest & { readonly filter?: EnvironmentFilter | null | undefined },
  ): Promise<CountedPage<EnvironmentRow>>;
  /** Those of a project, by name. */
  environmentsOfProjectAt(project: string, moment: Moment): Promise<readonly EnvironmentRow[]>;
  /** Deployments as they stood, in the order of the names; undefined before they were asked for. */
  deploymentsAt(names: readonly string[], moment: Moment): Promise<readonly (DeploymentRow | undefined)[]>;
}

type DeploymentRecord = RowOf<typeof deploymentTable.columns>;
type StandingRecord = RowOf<typeof standingTable.columns>;

const PRESET = 50;

/** Names looked at in one query: some of them are of environments that were gone, or not there yet. */
const CHUNK = 200;

export function estateHistory(read: Read): EstateHistory {
  return {
    environmentAt: (name, moment) =>
      read(async (db) => {
        const [found] = await newestOf(environmentsNamed(db, name), moment);
        const [row] = found ? await standingEnvironments(db, [found.deployment], moment) : [];
        return row;
      }),
    environmentsAt: async (moment, { filter, first, after }) => {
      const wanted = given(filter ?? {});
      const fingerprint = listFingerprint('environments-at', { moment, wanted });
      const size = pageSize(first, PRESET);
      const behind = after == null ? '' : decodeCursor(fingerprint, 'string', after);
      const rows = await read((db) => collect(db, wanted, moment, behind, size + 1));
      const edges = rows.slice(0, size).map((node) => ({ cursor: encodeCursor(fingerprint, node.name), node }));
      return {
        nodes: edges.map(({ node }) => node),
        edges,
        pageInfo: {
          hasNextPage: rows.length > size,
          hasPreviousPage: after != null,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
        totalCount: () => read((db) => count(db, wanted, moment)),
      };
    },
    environmentsOfProjectAt: (project, moment) =>
      read((db) => collect(db, given({ project }), moment, '', Number.MAX_SAFE_INTEGER)),
    deploymentsAt: (names, moment) =>
      read(async (db) => {
        if (names.length === 0) return [];
        const rows = await db
          .selectFrom('deployments')
          .selectAll()
          .where('name', 'in', [...names])
          .execute();
        const standings = await standingsOf(db, names, moment);
        const byName = new Map(
          rows
            .map((row) => decodeRow(deploymentTable, row))
            .filter((row) => wasAskedFor(row, moment))
            .map((row) => [row.name, deploymentAt(row, standings.get(row.name), moment)]),
        );
        return names.map((name) => byName.get(name));
      }),
  };
}

type Wanted = ReturnType<typeof given>;

function given(filter: EnvironmentFilter) {
  return {
    project: filter.project ?? null,
    projects: filter.projects ? [...new Set(filter.projects)].sort() : null,
    slot: filter.slot ?? null,
    location: filter.location ?? null,
    states: wantedOf(filter.states),
  };
}

const environmentsNamed = (db: Kysely<Schema>, name: string) =>
  db.selectFrom('environments').select('environments.name').where('environments.name', '=', name);

function matching(db: Kysely<Schema>, { project, projects, slot, location }: Wanted) {
  let query = db.selectFrom('environments').select('environments.name');
  if (project !== null) query = query.where('environments.project', '=', project);
  if (projects !== null) query = query.where('environments.project', 'in', projects);
  if (slot !== null) query = query.where('environments.slot', '=', slot);
  if (location !== null) query = query.where('environments.location', '=', location);
  return query;
}

type Names = ReturnType<typeof matching>;

/** Of each environment the newest generation that had been asked for at the moment: one look into an index each. */
async function newestOf(
  names: Names,
  moment: Moment,
): Promise<readonly { readonly name: string; readonly deployment: string }[]> {
  const rows = await names.select(newestGeneration(moment).as('deployment')).execute();
  return rows.flatMap(({ name, deployment }) => (deployment === null ? [] : [{ name, deployment }]));
}

const newestGeneration = (moment: Moment): RawBuilder<string | null> => {
  const until =
    moment.by === 'recorded'
      ? sql`d.position <= ${moment.position} order by d.position desc`
      : sql`${sql.ref('d.happenedAt')} <= ${moment.instant}
            order by ${sql.ref('d.happenedAt')} desc, d.position desc`;
  return sql<string | null>`(select d.name from ${sql.table('deployments')} d
    where d.environment = ${sql.ref('environments.name')} and ${until} limit 1)`;
};

async function collect(
  db: Kysely<Schema>,
  wanted: Wanted,
  moment: Moment,
  behind: string,
  limit: number,
): Promise<readonly EnvironmentRow[]> {
  const found: EnvironmentRow[] = [];
  if (wanted.projects?.length === 0) return found;
  for (let after = behind; found.length < limit;) {
    const names = matching(db, wanted).where('environments.name', '>', after).orderBy('environments.name').limit(CHUNK);
    const rows = await names.select(newestGeneration(moment).as('deployment')).execute();
    const deployments = rows.flatMap(({ deployment }) => deployment ?? []);
    const standing = await standingEnvironments(db, deployments, moment);
    found.push(...standing.filter(({ state }) => wanted.states === null || wanted.states.includes(state)));
    if (rows.length < CHUNK) break;
    after = rows.at(-1)!.name;
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
}

async function count(db: Kysely<Schema>, wanted: Wanted, moment: Moment): Promise<number> {
  if (wanted.states !== null) return (await collect(db, wanted, moment, '', Number.MAX_SAFE_INTEGER)).length;
  let query = db
    .selectFrom('deployments')
    .select(sql<number>`count(*)`.as('total'))
    .where(deploymentHeldAt(moment));
  if (wanted.project !== null) query = query.where('project', '=', wanted.project);
  if (wanted.projects !== null) query = query.where('project', 'in', [...wanted.projects, '']);
  if (wanted.slot !== null) query = query.where('slot', '=', wanted.slot);
  if (wanted.location !== null) query = query.where('location', '=', wanted.location);
  return Number((await query.executeTakeFirstOrThrow()).total);
}

const deploymentHeldAt = (moment: Moment) =>
  moment.by === 'recorded'
    ? between('deployments.position', moment.position, 'deployments.untilPosition')
    : between('deployments.happenedAt', moment.instant, 'deployments.happenedUntil');

const wasAskedFor = (row: DeploymentRecord, moment: Moment): boolean =>
  moment.by === 'recorded' ? row.position <= moment.position : row.happenedAt <= moment.instant;

const isOver = (row: DeploymentRecord, moment: Moment): boolean =>
  moment.by === 'recorded' ? row.untilPosition <= moment.position : row.happenedUntil <= moment.instant;

const wasGood = (row: Pick<DeploymentRecord, 'goodPosition' | 'goodHappenedAt'>, moment: Moment): boolean =>
  moment.by === 'recorded'
    ? row.goodPosition !== null && row.goodPosition <= moment.position
    : row.goodHappenedAt !== null && row.goodHappenedAt <= moment.instant;

async function standingsOf(
  db: Kysely<Schema>,
  deployments: readonly string[],
  moment: Moment,
): Promise<ReadonlyMap<string, StandingRecord>> {
  if (deployments.length === 0) return new Map();
  const rows = await db
    .selectFrom('standings')
    .selectAll()
    .where('deployment', 'in', [...deployments])
    .where(heldAt('standings', moment))
    .execute();
  return new Map(rows.map((row) => [row.deployment, decodeRow(standingTable, row)]));
}

/** The environments of these deployments that stood, as they did; the others were gone by then. */
async function standingEnvironments(
  db: Kysely<Schema>,
  deployments: readonly string[],
  moment: Moment,
): Promise<readonly EnvironmentRow[]> {
  if (deployments.length === 0) return [];
  const rows = await db
    .selectFrom('deployments')
    .selectAll()
    .where('name', 'in', [...deployments])
    .where(deploymentHeldAt(moment))
    .execute();
  const records = rows.map((row) => decodeRow(deploymentTable, row));
  const standings = await standingsOf(db, deployments, moment);
  const environments = records.map(({ environment }) => environment);
  const pending = await pendingConfigs(db, environments, moment);
  const absent = await absentAt(db, moment);
  const lastGood = await lastGoodBefore(
    db,
    records.filter((row) => !wasGood(row, moment)),
    moment,
  );
  return records
    .map((row): EnvironmentRow => {
      const standing = standings.get(row.name);
      const isGood = wasGood(row, moment);
      const good = isGood ? row.name : (lastGood.get(row.environment) ?? null);
      const config = pending.get(row.environment) ?? null;
      return {
        name: row.environment,
        project: row.project,
        slot: row.slot,
        location: row.location,
        state: stateOf(row, standing, absent),
        generation: row.generation,
        current: row.release === null ? null : row.name,
        lastGood: good,
        running: row.release === null ? null : good,
        rollout: null,
        release: row.release,
        ref: row.ref,
        refKind: row.refKind,
        commit: row.commit,
        deliverable: row.deliverable,
        configDigest: row.configDigest,
        tier: row.tier,
        message: standing?.message ?? null,
        drift: standing?.drift ?? null,
        pendingConfig: config?.digest === row.configDigest ? null : config,
        // How far a migration was is not kept; the locations of the deployments say where it had got to.
        migratedFrom: null,
        migratedTo: null,
        cutOverAt: null,
        copyProblem: null,
        requestedAt: row.requestedAt,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function stateOf(
  { release, location }: DeploymentRecord,
  standing: StandingRecord | undefined,
  absent: ReadonlySet<string>,
): EnvironmentStateName {
  const state = standing?.state ?? 'deploying';
  if (state === 'delayed') return 'waiting';
  if (state !== 'deploying') return state;
  if (absent.has(location)) return 'waiting';
  return release === null ? 'removing' : 'deploying';
}

async function pendingConfigs(
  db: Kysely<Schema>,
  environments: readonly string[],
  moment: Moment,
): Promise<ReadonlyMap<string, PendingConfig>> {
  const rows = await db
    .selectFrom('versions')
    .selectAll()
    .where('kind', '=', 'environment')
    .where('subject', 'in', [...environments, ''])
    .where(heldAt('versions', moment))
    .execute();
  return new Map(
    rows.flatMap((row) => {
      const { subject, value } = decodeRow(versionTable, row);
      return value === null ? [] : [[subject, value as PendingConfig]];
    }),
  );
}

/** Locations where nobody took up what was asked for; git delivery has its operator inside the ledger. */
async function absentAt(db: Kysely<Schema>, moment: Moment): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('versions')
    .select(['subject', 'part', 'value'])
    .where('kind', '=', 'location')
    .where(heldAt('versions', moment))
    .execute();
  const absent = new Set<string>();
  for (const { subject, part, value } of rows) {
    if (part === 'delivery' && !(value ?? '').includes('"kind":"git"')) absent.add(subject);
  }
  for (const { subject, part, value } of rows) {
    if (part !== 'operator') continue;
    const { silentSince } = JSON.parse(value ?? '{}') as { readonly silentSince: string | null };
    if (silentSince === null) absent.delete(subject);
    else absent.add(subject);
  }
  return absent;
}

/** Of each environment the newest older generation that had been good by then. */
async function lastGoodBefore(
  db: Kysely<Schema>,
  records: readonly DeploymentRecord[],
  moment: Moment,
): Promise<ReadonlyMap<string, string>> {
  if (records.length === 0) return new Map();
  const good =
    moment.by === 'recorded'
      ? sql`${sql.ref('d.goodPosition')} <= ${moment.position}`
      : sql`${sql.ref('d.goodHappenedAt')} <= ${moment.instant}`;
  const rows = await db
    .selectFrom('deployments')
    .select([
      'environment',
      sql<string | null>`(select d.name from ${sql.table('deployments')} d
        where d.environment = ${sql.ref('deployments.environment')}
          and d.position < ${sql.ref('deployments.position')} and ${good}
        order by d.position desc limit 1)`.as('good'),
    ])
    .where(
      'name',
      'in',
      records.map(({ name }) => name),
    )
    .execute();
  return new Map(rows.flatMap(({ environment, good: name }) => (name === null ? [] : [[environment, name]])));
}

function deploymentAt(record: DeploymentRecord, standing: StandingRecord | undefined, moment: Moment): DeploymentRow {
  const { position, askedFor, untilPosition, happenedAt, happenedUntil, goodPosition, goodHappenedAt, ...row } = record;
  const isConcluded = standing !== undefined && standing.state !== 'deploying' && standing.state !== 'delayed';
  const finishedAt = isConcluded ? standing.recordedAt : null;
  const underWay = isOver(record, moment) ? 'superseded' : 'requested';
  return {
    ...row,
    order: String(position),
    state: isConcluded
      ? standing.state
      : standing?.state === 'delayed' && underWay === 'requested'
        ? 'delayed'
        : underWay,
    good: wasGood({ goodPosition, goodHappenedAt }, moment),
    message: standing?.message ?? null,
    deliveredCommit: isConcluded ? row.deliveredCommit : null,
    drift: standing?.drift ?? null,
    finishedAt,
    durationMs: durationBetween(row.requestedAt, finishedAt),
  };
}
