import { WaybillError } from '@waybill/kernel';
import type { Kysely } from 'kysely';
import { approvalIsCurrent, holdSentence, type Hold, type ResolvedConfig } from '@waybill/domain';
import { absentOperators } from '../locations/absent.js';
import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import { durationBetween, inOrderOf, wantedOf, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { absenceSentence, reasonOf } from './reason.js';
import { OPEN_STATES, releaseTable, type ReleaseLocation, type ReleaseStateName } from './table.js';

type ReleaseRecord = RowOf<typeof releaseTable.columns>;

/** A hold in words, with what it is made of. */
export interface HoldRow {
  readonly kind: Hold['kind'];
  readonly message: string;
  readonly frees: string;
  readonly details: Hold;
}

export interface ApprovalRow {
  readonly approver: string;
  readonly at: string;
  /** False when what was approved has changed since. */
  readonly current: boolean;
  /** Digest of the words of the approver, in the blob store; null when none were given. */
  readonly reason: string | null;
}

/** As the events say, but `waiting` where it is being deployed and no operator is there to do it. */
export type ShownReleaseLocation = Omit<ReleaseLocation, 'state'> & {
  readonly state: ReleaseLocation['state'] | 'waiting';
};

export type ReleaseRow = Omit<
  ReleaseRecord,
  'position' | 'holds' | 'approvals' | 'config' | 'unmatched' | 'locations' | 'digest' | 'configCommit'
> & {
  /** Position of its `ReleaseRequested`. */
  readonly order: string;
  readonly reason: string;
  readonly config: ResolvedConfig | null;
  readonly holds: readonly HoldRow[];
  readonly approvals: readonly ApprovalRow[];
  readonly locations: readonly ShownReleaseLocation[];
  readonly durationMs: number | null;
};

export interface ReleaseFilter {
  readonly project?: string | null | undefined;
  /** Projects that the list is cut to, whatever else it asks for; all when left out, none when empty. */
  readonly projects?: readonly string[] | null | undefined;
  readonly ref?: string | null | undefined;
  /** A full commit id, or the first seven characters or more. */
  readonly commit?: string | null | undefined;
  readonly states?: readonly ReleaseStateName[] | null | undefined;
  /** A location the release was planned for. */
  readonly location?: string | null | undefined;
  readonly pipelineId?: string | null | undefined;
  readonly jobId?: string | null | undefined;
  /** Asked for at this position of the log or before. */
  readonly upTo?: number | null | undefined;
}

export interface ReleaseQueries {
  get(id: string): Promise<ReleaseRow | undefined>;
  /** In the order of the ids. */
  getMany(ids: readonly string[]): Promise<readonly (ReleaseRow | undefined)[]>;
  /** Releases whose id starts so, newest first, ten at most. Throws `INVALID_INPUT` below eight characters. */
  findByPrefix(prefix: string): Promise<readonly ReleaseRow[]>;
  /** Newest first. */
  list(request?: PageRequest & { readonly filter?: ReleaseFilter | null | undefined }): Promise<Page<ReleaseRow>>;
  /** Held, preparing or deploying, oldest first. */
  open(filter?: { readonly project?: string; readonly ref?: string }): Promise<readonly ReleaseRow[]>;
  /** Waiting for something, oldest first. */
  heldFor(project: string): Promise<readonly ReleaseRow[]>;
}

const MIN_PREFIX = 8;
const MAX_PREFIX_MATCHES = 10;

export function releaseQueries(read: Read): ReleaseQueries {
  return {
    get: (id) =>
      read(async (db) => {
        const row = await db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirst();
        return row && (await toReleases(db, [row]))[0];
      }),
    getMany: (ids) =>
      read(async (db) => {
        if (ids.length === 0) return [];
        const rows = await db
          .selectFrom('releases')
          .selectAll()
          .where('id', 'in', [...ids])
          .execute();
        return inOrderOf(ids, await toReleases(db, rows), (row) => row.id);
      }),
    findByPrefix: (prefix) =>
      read(async (db) => {
        const start = prefix.trim().toLowerCase();
        if (start.length < MIN_PREFIX) throw tooShort(prefix);
        const rows = await db
          .selectFrom('releases')
          .selectAll()
          .where('id', '>=', start)
          .where('id', '<', `${start}~`)
          .orderBy('position', 'desc')
          .limit(MAX_PREFIX_MATCHES)
          .execute();
        return toReleases(db, rows);
      }),
    list: ({ filter, ...request } = {}) =>
      read((db) => {
        const wanted = given(filter ?? {});
        let query = db.selectFrom('releases').selectAll('releases');
        if (wanted.project !== null) query = query.where('releases.project', '=', wanted.project);
        if (wanted.projects !== null) query = query.where('releases.project', 'in', wanted.projects);
        if (wanted.ref !== null) query = query.where('releases.ref', '=', wanted.ref);
        if (wanted.commit !== null) {
          query = query
            .where('releases.commit', '>=', wanted.commit)
            .where('releases.commit', '<', `${wanted.commit}~`);
        }
        if (wanted.states !== null) query = query.where('releases.state', 'in', wanted.states);
        if (wanted.pipelineId !== null) query = query.where('releases.pipelineId', '=', wanted.pipelineId);
        if (wanted.jobId !== null) query = query.where('releases.jobId', '=', wanted.jobId);
        if (wanted.upTo !== null) query = query.where('releases.position', '<=', wanted.upTo);
        if (wanted.location !== null) {
          const inLocation = db
            .selectFrom('release_locations')
            .select('release')
            .where('location', '=', wanted.location);
          query = query.where('releases.id', 'in', inLocation);
        }
        return readPage(query, request, {
          fingerprint: listFingerprint('releases', wanted),
          by: 'releases.position',
          type: 'number',
          direction: 'desc',
          keyOf: (row) => Number(row.position),
          nodes: (rows) => toReleases(db, rows),
        });
      }),
    open: ({ project, ref } = {}) =>
      read(async (db) => {
        let query = db
          .selectFrom('releases')
          .selectAll()
          .where('state', 'in', [...OPEN_STATES]);
        if (project !== undefined) query = query.where('project', '=', project);
        if (ref !== undefined) query = query.where('ref', '=', ref);
        return toReleases(db, await query.orderBy('position').execute());
      }),
    heldFor: (project) =>
      read(async (db) => {
        const held = db.selectFrom('releases').selectAll().where('state', '=', 'HELD').where('project', '=', project);
        return toReleases(db, await held.orderBy('position').execute());
      }),
  };
}

const MIN_COMMIT = 7;

function given(filter: ReleaseFilter) {
  const commit = filter.commit?.trim().toLowerCase() ?? null;
  if (commit !== null && !(commit.length >= MIN_COMMIT && /^[0-9a-f]+$/.test(commit))) {
    const message = `give ${MIN_COMMIT} or more hex digits of the commit id`;
    throw new WaybillError('INVALID_INPUT', `filter.commit: ${message}`, {
      fields: [{ field: 'filter.commit', message }],
    });
  }
  return {
    project: filter.project ?? null,
    projects: filter.projects ? [...new Set(filter.projects)].sort() : null,
    ref: filter.ref ?? null,
    commit,
    states: wantedOf(filter.states),
    location: filter.location ?? null,
    pipelineId: filter.pipelineId ?? null,
    jobId: filter.jobId ?? null,
    upTo: filter.upTo ?? null,
  };
}

function tooShort(prefix: string): WaybillError {
  const message = `${JSON.stringify(prefix)} is shorter than ${MIN_PREFIX} characters`;
  return new WaybillError('INVALID_INPUT', `id: ${message}`, {
    hint: 'Give more of the release’s id.',
    fields: [{ field: 'id', message }],
  });
}

const NOBODY: ReadonlyMap<string, string | null> = new Map();

async function toReleases(db: Kysely<Schema>, stored: readonly Schema['releases'][]): Promise<ReleaseRow[]> {
  const absent = stored.some(({ state }) => state === 'DEPLOYING') ? await absentOperators(db) : NOBODY;
  return stored.map((row) => toRelease(row, absent));
}

const toRelease = (stored: Schema['releases'], absent: ReadonlyMap<string, string | null>): ReleaseRow =>
  shownRelease(decodeRow(releaseTable, stored), absent);

/** `absent`: locations whose operator is absent, each with since when. */
export function shownRelease(record: ReleaseRecord, absent: ReadonlyMap<string, string | null>): ReleaseRow {
  const { position, holds, approvals, unmatched: _, digest: _digest, configCommit: _commit, ...row } = record;
  const waiting = ({ location, state }: ReleaseLocation): boolean => state === 'deploying' && absent.has(location);
  const absences = row.locations
    .filter(waiting)
    .map(({ location }) => absenceSentence(location, absent.get(location) ?? null));
  return {
    ...row,
    order: String(position),
    reason: [reasonOf(record), ...absences].join(' '),
    locations: row.locations.map((it) => (waiting(it) ? { ...it, state: 'waiting' } : it)),
    holds: holds.map((hold) => ({ kind: hold.kind, ...holdSentence(hold), details: hold })),
    approvals: approvals.map((approval) => ({
      approver: approval.approver,
      at: approval.at,
      current: approvalIsCurrent(record, approval),
      reason: approval.reason ?? null,
    })),
    durationMs: durationBetween(row.requestedAt, row.finishedAt),
  };
}
