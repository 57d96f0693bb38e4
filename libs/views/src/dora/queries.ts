import type { Kysely } from 'kysely';
import { toIncidentVersion, type IncidentVersionRow } from '../incidents/queries.js';
import type { Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { QUARTER_MS, bucketsOf, calendarOf, type Calendar } from '../statistics/calendar.js';
import { rangeOf, type QuarterRange } from '../statistics/range.js';
import type { ChangeTimes } from '../statistics/table.js';
import { PRESET_DEFINITION, definitionOf } from './definitions.js';
import {
  METRICS,
  NOTHING,
  type DoraDefinition,
  type DoraDeployment,
  type DoraFacts,
  type DoraIncident,
  type DoraMetricName,
  type DoraNumber,
  type DoraTime,
  type DoraUnit,
} from './facts.js';

export interface DoraQuestion {
  /** Default: the newest of DORA itself. */
  readonly definition?: string | null | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly project?: string | null | undefined;
  /** Projects that everything is cut to; all when left out. */
  readonly projects?: readonly string[] | null | undefined;
  /** Only what had been recorded by this instant (ISO 8601). */
  readonly knownAt?: string | null | undefined;
}

export interface DoraMetric {
  readonly metric: DoraMetricName;
  readonly unit: DoraUnit;
  readonly words: string;
  /** With what is known of incidents by now, or by `knownAt`. */
  readonly asKnown: DoraNumber;
  /** As incidents were recorded before anybody corrected them. */
  readonly asRecorded: DoraNumber;
}

export interface DoraAnswer {
  readonly definition: Pick<DoraDefinition, 'name' | 'title' | 'source'>;
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly metrics: readonly DoraMetric[];
  /** Corrections of incidents that had been recorded by then. */
  readonly corrections: readonly IncidentVersionRow[];
}

export interface DoraQueries {
  /** `now` ends a range without an end. Throws `INVALID_INPUT` naming what is wrong. */
  ask(question: DoraQuestion, now: string): Promise<DoraAnswer>;
}

export function doraQueries(read: Read): DoraQueries {
  return {
    async ask(question, now) {
      const definition = definitionOf(question.definition ?? PRESET_DEFINITION);
      const calendar = calendarOf(question.timeZone ?? 'UTC');
      const range = rangeOf(calendar, question.from, question.to, now);
      const time = timeOf(calendar, range);
      // No engine takes an empty list.
      const nothing = question.projects?.length === 0;
      const { deployments, versions } = await read(async (db) => ({
        deployments: nothing ? [] : await deploymentsOf(db, question, time.to),
        versions: nothing ? [] : await versionsOf(db, question),
      }));
      const corrections = versions.filter(({ type }) => type === 'IncidentCorrected');
      const known = incidentsOf(versions, () => true);
      const recorded = incidentsOf(versions, ({ corrections }) => corrections === 0);
      const asKnown: DoraFacts = { deployments, incidents: known, time };
      const asRecorded: DoraFacts = { deployments, incidents: recorded, time };
      return {
        definition: { name: definition.name, title: definition.title, source: definition.source },
        from: new Date(time.from).toISOString(),
        to: new Date(time.to).toISOString(),
        timeZone: calendar.timeZone,
        metrics: METRICS.map((metric) => {
          const { unit, words, compute } = definition.metrics[metric];
          const number = compute?.(asKnown) ?? NOTHING;
          // Without corrections both are the same, and most ledgers have few.
          const before = corrections.length === 0 ? number : (compute?.(asRecorded) ?? NOTHING);
          return { metric, unit, words, asKnown: number, asRecorded: before };
        }),
        corrections,
      };
    },
  };
}

function timeOf(calendar: Calendar, { from, to }: QuarterRange): DoraTime {
  const [days, weeks, months] = (['day', 'week', 'month'] as const).map((unit) => {
    const { buckets, ofQuarter } = bucketsOf(calendar, unit, from, to);
    const labels = buckets.map(({ label }) => label);
    const labelOf = (instant: number): string => labels[ofQuarter[Math.floor(instant / QUARTER_MS) - from]!]!;
    return { labels, labelOf };
  });
  return {
    from: from * QUARTER_MS,
    to: to * QUARTER_MS,
    dayOf: days!.labelOf,
    weeks: weeks!.labels,
    weekOf: weeks!.labelOf,
    months: months!.labels,
    monthOf: months!.labelOf,
  };
}

const SELECTED = [
  'key',
  'project',
  'slot',
  'outcome',
  'begunAt',
  'endedAt',
  'commit',
  'change',
  'seenAt',
  'trigger',
  'begunEvent',
  'endedEvent',
  'seenEvent',
] as const;

/** Also those before the range: a change counts for its first deployment, an incident for the last one before it. */
async function deploymentsOf(db: Kysely<Schema>, question: DoraQuestion, to: number): Promise<DoraDeployment[]> {
  const { project, projects, knownAt } = question;
  let query = db
    .selectFrom('facts')
    .select(SELECTED)
    .where('tier', '=', 'prod')
    .where('kind', '=', 'release')
    .where('endedAt', '<', new Date(to).toISOString())
    .where('outcome', 'in', ['healthy', 'delivered', 'failed']);
  if (project != null) query = query.where('project', '=', project);
  if (projects) query = query.where('project', 'in', [...projects]);
  if (knownAt != null) query = query.where('endedAt', '<=', knownAt);
  const rows = await query.orderBy('endedAt').orderBy('position').execute();
  return rows.map((row) => {
    const change = row.change === null ? null : (JSON.parse(row.change) as ChangeTimes);
    return {
      id: row.key,
      project: row.project,
      slot: row.slot,
      succeeded: row.outcome !== 'failed',
      requestedAt: Date.parse(row.begunAt),
      finishedAt: Date.parse(row.endedAt!),
      commit: row.commit!,
      committedAt: instantOf(change?.committedAt),
      openedAt: instantOf(change?.openedAt),
      mergedAt: instantOf(change?.mergedAt),
      seenAt: Date.parse(row.seenAt!),
      isRollback: row.trigger === 'rollback',
      events: [row.begunEvent!, row.endedEvent!],
      seenEvent: row.seenEvent!,
    };
  });
}

const instantOf = (text: string | null | undefined): number | null => (text == null ? null : Date.parse(text));

async function versionsOf(
  db: Kysely<Schema>,
  { project, projects, knownAt }: DoraQuestion,
): Promise<readonly IncidentVersionRow[]> {
  let query = db.selectFrom('incident_versions').selectAll();
  if (project != null) query = query.where('project', '=', project);
  if (projects) query = query.where('project', 'in', [...projects]);
  if (knownAt != null) query = query.where('recordedAt', '<=', knownAt);
  return (await query.orderBy('position').execute()).map(toIncidentVersion);
}

/** Each incident as the last of its versions that counts has it, in the order in which they were opened. */
function incidentsOf(
  versions: readonly IncidentVersionRow[],
  counts: (version: IncidentVersionRow) => boolean,
): readonly DoraIncident[] {
  const last = new Map<string, { version: IncidentVersionRow; events: string[] }>();
  for (const version of versions) {
    if (!counts(version)) continue;
    const events = [...(last.get(version.incident)?.events ?? []), version.event];
    last.set(version.incident, { version, events });
  }
  return [...last.values()]
    .filter(({ version }) => !version.dismissed)
    .map(({ version, events }) => ({
      id: version.incident,
      project: version.project,
      openedAt: Date.parse(version.openedAt),
      resolvedAt: instantOf(version.resolvedAt),
      cause: version.cause,
      fixedBy: version.fixedBy,
      events,
    }));
}
