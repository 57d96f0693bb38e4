import { missingMetadata, type BranchRule } from '@waybill/domain';
import type { Kysely } from 'kysely';
import { pageOf, pageSize, decodeCursor, listFingerprint, type Page, type PageRequest } from '../paging.js';
import type { ProjectRow } from '../projects/queries.js';
import { groupedBy, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { heldAt, type Moment } from './moment.js';
import { STILL_POSITION, versionTable, type VersionPart } from './table.js';

export type VersionRow = RowOf<typeof versionTable.columns>;

/** One section of a project's metadata with the event that submitted it. */
export interface SubmittedSection {
  readonly value: unknown;
  readonly revision: number;
  readonly eventId: string;
  /** Who submitted it. */
  readonly actor: string;
  readonly recordedAt: string;
}

export interface MetadataAtRevision {
  readonly developer: SubmittedSection | null;
  readonly business: SubmittedSection | null;
  readonly devops: SubmittedSection | null;
}

export interface ProjectHistory {
  projectAt(key: string, moment: Moment): Promise<ProjectRow | undefined>;
  /** By key. `projects`: those that the list is cut to. */
  projectsAt(
    moment: Moment,
    request: PageRequest & {
      readonly search?: string | null | undefined;
      readonly projects?: readonly string[] | null;
    },
  ): Promise<Page<ProjectRow>>;
  /** The events whose metadata and rules held when the project's stream was at a revision, oldest first. */
  inForceAt(
    key: string,
    revision: number,
  ): Promise<readonly { readonly part: VersionPart; readonly eventId: string }[]>;
  /** The branch rules as they stood at a revision of the project's stream; empty when none were defined. */
  rulesAt(key: string, revision: number): Promise<readonly BranchRule[]>;
  /** Where what an event of the project's stream told was told anew; null while it holds, or when it told nothing. */
  replacedAt(key: string, position: number): Promise<number | null>;
  /** What each role had submitted when the project's stream was at that revision. */
  metadataAt(key: string, revision: number): Promise<MetadataAtRevision>;
}

const SECTIONS = ['developer', 'business', 'devops'] as const;

export function projectHistory(read: Read): ProjectHistory {
  return {
    projectAt: (key, moment) => read(async (db) => (await projectsOf(db, [key], moment))[0]),
    projectsAt: (moment, { search, projects, first, after }) =>
      read(async (db) => {
        const wanted = search?.trim().toLowerCase() ?? '';
        const fingerprint = listFingerprint('projects-at', { moment, wanted, projects: projects ?? null });
        const size = pageSize(first);
        const behind = after == null ? '' : decodeCursor(fingerprint, 'string', after);
        let query = db
          .selectFrom('versions')
          .select(['subject', 'value'])
          .where('kind', '=', 'project')
          .where('part', '=', 'name')
          .where(heldAt('versions', moment))
          .orderBy('subject');
        if (projects) query = query.where('subject', 'in', [...projects, '']);
        const named = (await query.execute()).filter(({ subject, value }) =>
          `${subject} ${String(JSON.parse(value ?? '""'))}`.toLowerCase().includes(wanted),
        );
        const open = named.filter(({ subject }) => subject > behind).slice(0, size + 1);
        const keys = open.map(({ subject }) => subject);
        const rows = (await projectsOf(db, keys, moment)).map((node) => ({ key: node.key, node }));
        return pageOf(rows, { fingerprint, size, after: after != null, totalCount: named.length });
      }),
    inForceAt: (key, revision) =>
      read(async (db) => {
        const rows = await db
          .selectFrom('versions')
          .select(['part', 'eventId'])
          .where('kind', '=', 'project')
          .where('subject', '=', key)
          .where('revision', '<=', revision)
          .orderBy('fromPosition')
          .execute();
        const newest = new Map(rows.map(({ part, eventId }) => [part as VersionPart, eventId]));
        return [...newest].map(([part, eventId]) => ({ part, eventId }));
      }),
    rulesAt: (key, revision) =>
      read(async (db) => {
        const row = await db
          .selectFrom('versions')
          .selectAll()
          .where('kind', '=', 'project')
          .where('subject', '=', key)
          .where('part', '=', 'rules')
          .where('revision', '<=', revision)
          .orderBy('fromPosition', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row ? (decodeRow(versionTable, row).value as { readonly rules: readonly BranchRule[] }).rules : [];
      }),
    replacedAt: (key, position) =>
      read(async (db) => {
        const row = await db
          .selectFrom('versions')
          .select('untilPosition')
          .where('kind', '=', 'project')
          .where('subject', '=', key)
          .where('fromPosition', '=', position)
          .executeTakeFirst();
        const until = row ? Number(row.untilPosition) : STILL_POSITION;
        return until === STILL_POSITION ? null : until;
      }),
    metadataAt: (key, revision) =>
      read(async (db) => {
        const rows = await db
          .selectFrom('versions')
          .selectAll()
          .where('kind', '=', 'project')
          .where('subject', '=', key)
          .where('part', 'in', [...SECTIONS])
          .where('revision', '<=', revision)
          .orderBy('fromPosition')
          .execute();
        const newest = new Map(rows.map((row) => [row.part, decodeRow(versionTable, row)]));
        const section = (part: (typeof SECTIONS)[number]): SubmittedSection | null => {
          const row = newest.get(part);
          if (!row) return null;
          const { value, eventId, actor, recordedAt } = row;
          return { value, revision: row.revision, eventId, actor, recordedAt };
        };
        return { developer: section('developer'), business: section('business'), devops: section('devops') };
      }),
  };
}

/** In the order of the keys; those that were not registered are left out. */
async function projectsOf(db: Kysely<Schema>, keys: readonly string[], moment: Moment): Promise<readonly ProjectRow[]> {
  if (keys.length === 0) return [];
  const rows = await db
    .selectFrom('versions')
    .selectAll()
    .where('kind', '=', 'project')
    .where('subject', 'in', [...keys])
    .where(heldAt('versions', moment))
    .execute();
  const byKey = groupedBy(
    rows.map((row) => decodeRow(versionTable, row)),
    ({ subject }) => subject,
  );
  return keys.flatMap((key) => toProject(key, byKey.get(key) ?? []) ?? []);
}

function toProject(key: string, versions: readonly VersionRow[]): ProjectRow | undefined {
  const of = (part: VersionRow['part']) => versions.find((version) => version.part === part);
  const name = of('name');
  if (!name) return undefined;
  const rules = of('rules');
  const { preset, rules: list } = (rules?.value ?? { preset: null, rules: [] }) as {
    readonly preset: ProjectRow['preset'];
    readonly rules: readonly BranchRule[];
  };
  const sections = SECTIONS.flatMap((part) => of(part) ?? []);
  const metadata = {
    developer: (of('developer')?.value ?? null) as ProjectRow['developer'],
    business: (of('business')?.value ?? null) as ProjectRow['business'],
    devops: (of('devops')?.value ?? null) as ProjectRow['devops'],
  };
  return {
    key,
    name: String(name.value),
    registeredAt: name.recordedAt,
    ...metadata,
    metadataRevision: sections.length === 0 ? null : Math.max(...sections.map(({ revision }) => revision)),
    preset,
    rules: list,
    rulesRevision: rules?.revision ?? null,
    revision: Math.max(...versions.map(({ revision }) => revision)),
    owner: metadata.business?.owner ?? null,
    missing: missingMetadata({ ...metadata, rules: list }),
  };
}
