import { assertNever } from '@waybill/kernel';
import type { DeploymentEvent, EnvironmentEvent, ProjectEvent, ReleaseEvent } from '@waybill/domain';
import { deploymentName } from '../deployments/projection.js';
import type { Fact, Handler, Projection, Rows } from '../projection.js';
import type { RowOf } from '../table.js';
import { quarterOf } from './calendar.js';
import { factCommitTable, factProjectTable, factTable, type ChangeTimes } from './table.js';

type FactRow = RowOf<typeof factTable.columns>;

const onProject: Handler<ProjectEvent> = {
  touches: () => undefined,
  project(event, rows) {
    if (event.type !== 'BusinessMetadataSubmitted') return;
    const { project, metadata } = event.data;
    rows.of(factProjectTable).put({ project, productLine: metadata.productLine });
  },
};

const onRelease: Handler<ReleaseEvent> = {
  touches(event, announce) {
    announce(factTable, event.data.release);
    if (event.type !== 'ReleaseRequested') return;
    announce(factProjectTable, event.data.project);
    announce(factCommitTable, commitKey(event.data));
  },
  project(event, rows) {
    if (event.type === 'ReleaseRequested') {
      const { productLine = null } = rows.of(factProjectTable).get(event.data.project) ?? {};
      rows.of(factTable).put({ ...requested(event, productLine), ...firstSeen(event, rows) });
    } else change(event, rows, event.data.release, (row) => followed(event, row));
  },
};

type Requested = Extract<ReleaseEvent, { type: 'ReleaseRequested' }>;

const commitKey = ({ project, commit }: Requested['data']): string => `${project}:${commit}`;

function firstSeen(event: Fact<Requested>, rows: Rows): Pick<FactRow, 'seenAt' | 'seenEvent'> {
  const commits = rows.of(factCommitTable);
  const key = commitKey(event.data);
  if (!commits.get(key)) commits.put({ key, at: event.recordedAt, event: event.id });
  const { at: seenAt, event: seenEvent } = commits.get(key)!;
  return { seenAt, seenEvent };
}

type LaterReleaseEvent = Exclude<Fact<ReleaseEvent>, { readonly type: 'ReleaseRequested' }>;

function followed(event: LaterReleaseEvent, row: FactRow): Partial<FactRow> | undefined {
  switch (event.type) {
    case 'BranchMatched':
      return { tier: event.data.rule.tier, slot: event.data.slot };
    case 'BranchUnmatched':
      return { ...ended(event), outcome: 'unmatched', failure: event.data.reason };
    case 'ReleaseHeld': {
      const isForApproval = event.data.reasons.some(({ kind }) => kind === 'approval-pending');
      return {
        ...(row.heldSince === null ? { heldSince: event.recordedAt, holds: row.holds + 1 } : {}),
        ...(isForApproval && row.approvalSince === null ? { approvalSince: event.recordedAt } : {}),
      };
    }
    case 'ReleasePlanned': {
      const { resources } = event.data;
      const kindsAt = new Map<string, Set<string>>();
      for (const { location, kind } of resources) {
        kindsAt.set(location, (kindsAt.get(location) ?? new Set()).add(kind));
      }
      return {
        ...freed(event, row),
        ...decided(event, row),
        locations: listOf(kindsAt.keys()),
        kinds: listOf(resources.map(({ kind }) => kind)),
        kindsAt: [...kindsAt]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([location, kinds]) => `${location}=${listOf(kinds)}`)
          .join(';'),
      };
    }
    case 'LocationMigrated': {
      const { location, to } = event.data;
      const renamed = (name: string): string => (name === location ? to : name);
      return {
        locations: row.locations && listOf(row.locations.split(',').map(renamed)),
        kindsAt:
          row.kindsAt &&
          row.kindsAt
            .split(';')
            .map((entry) => (entry.startsWith(`${location}=`) ? `${to}${entry.slice(location.length)}` : entry))
            .sort()
            .join(';'),
      };
    }
    case 'ReleaseRefused':
      return { ...ended(event), ...freed(event, row), ...decided(event, row), outcome: 'refused' };
    case 'ReleaseCancelled':
      return { ...ended(event), ...freed(event, row), outcome: 'cancelled' };
    case 'ReleaseCompleted': {
      const { outcome } = event.data;
      return { ...ended(event), outcome, lead: outcome === 'superseded' ? null : since(row.begunAt, event) };
    }
    case 'ReleaseFailed':
      return { ...ended(event), outcome: 'failed' };
    case 'DeliverableProvided':
    case 'ConfigResolved':
    case 'ConfigUnresolved':
    case 'ReleaseApproved':
    case 'StageStarted':
    case 'LocationConcluded':
      return undefined;
    default:
      return assertNever(event);
  }
}

const ended = ({ recordedAt, id }: Fact): Partial<FactRow> => ({ endedAt: recordedAt, endedEvent: id });

const decided = (event: Fact, row: FactRow): Partial<FactRow> =>
  row.approvalSince === null ? {} : { approval: since(row.approvalSince, event) };

/** The end of a hold adds to the time that the release was held in all. */
const freed = (event: Fact, row: FactRow): Partial<FactRow> =>
  row.heldSince === null ? {} : { heldSince: null, held: (row.held ?? 0) + since(row.heldSince, event) };

const onEnvironment: Handler<EnvironmentEvent> = {
  touches(event, announce) {
    if (event.type !== 'DeploymentRequested' && event.type !== 'EnvironmentRemovalRequested') return;
    const { environment, generation } = event.data;
    if (generation > 1) announce(factTable, deploymentName(environment, generation - 1));
    if (event.type === 'DeploymentRequested') announce(factTable, event.data.release);
  },
  project(event, rows) {
    if (event.type !== 'DeploymentRequested' && event.type !== 'EnvironmentRemovalRequested') return;
    const { environment, generation } = event.data;
    if (generation > 1) {
      change(event, rows, deploymentName(environment, generation - 1), (row) =>
        row.outcome === 'open' ? { outcome: 'superseded' } : undefined,
      );
    }
    // A removal wants nothing to run: it is no deployment. Of two that a migration makes of one, one counts.
    if (event.type === 'DeploymentRequested' && event.data.counts !== false) {
      rows.of(factTable).put(deployment(event, rows));
    }
  },
};

/** What is counted of a deployment's reports, by the type of their event; others are not. */
const COUNTED: Readonly<Record<string, 'adapted' | 'applied' | 'rolledOut' | 'pruned' | 'shifted' | 'delayed'>> = {
  ManifestsAdapted: 'adapted',
  ManifestsApplied: 'applied',
  DeploymentRolledOut: 'rolledOut',
  ObjectsPruned: 'pruned',
  TrafficShifted: 'shifted',
  DeploymentDelayed: 'delayed',
};

const onDeployment: Handler<DeploymentEvent> = {
  touches(event, announce) {
    announce(factTable, deploymentName(event.data.environment, event.data.generation));
    if (isFailure(event) && event.data.release !== null) announce(factTable, event.data.release);
  },
  project(event, rows) {
    const name = deploymentName(event.data.environment, event.data.generation);
    if (isFailure(event)) {
      const { reason: failure, release } = event.data;
      change(event, rows, name, () => ({ outcome: 'failed', failure }));
      // The first reason is what the release failed for, should it fail.
      if (release !== null && rows.of(factTable).get(name))
        change(event, rows, release, (row) => (row.failure === null ? { failure } : undefined));
      return;
    }
    if (event.type === 'DriftDetected' || event.type === 'DriftHealed') return drift(event, name, rows);
    change(event, rows, name, (row) => reported(event, row));
  },
};

const isFailure = (
  event: Fact<DeploymentEvent>,
): event is Extract<Fact<DeploymentEvent>, { readonly type: 'DeploymentFailed' | 'DeploymentRejected' }> =>
  event.type === 'DeploymentFailed' || event.type === 'DeploymentRejected';

function reported(event: Fact<DeploymentEvent>, row: FactRow): Partial<FactRow> | undefined {
  if (event.type === 'DeploymentHealthy' || event.type === 'DeploymentDelivered') {
    const outcome = event.type === 'DeploymentHealthy' ? 'healthy' : 'delivered';
    // What is healthy again after a fault has not taken that long to roll out.
    return { outcome, failure: null, rollout: row.rollout ?? since(row.begunAt, event) };
  }
  const counted = COUNTED[event.type];
  if (counted === undefined) return undefined;
  const count = { [counted]: row[counted] + 1 };
  return event.type === 'ManifestsApplied' ? { ...count, apply: Math.round(event.data.durationMs) } : count;
}

type DriftEvent = Extract<Fact<DeploymentEvent>, { readonly type: 'DriftDetected' | 'DriftHealed' }>;

/** A drift is a fact of its own, at its own time, counted by what its deployment is counted by. */
function drift(event: DriftEvent, name: string, rows: Rows): void {
  const row = rows.of(factTable).get(name);
  if (!row) return;
  if (event.type === 'DriftDetected') {
    // Of a drift that grows, the beginning counts.
    if (row.openDrift !== null) return;
    const openDrift = `${event.id} ${event.position} ${event.recordedAt}`;
    rows.of(factTable).put(driftFact(row, openDrift, event, null));
    change(event, rows, name, () => ({ openDrift }));
    return;
  }
  if (row.openDrift === null) return;
  const heal = since(row.openDrift.split(' ')[2]!, event);
  rows.of(factTable).put(driftFact(row, row.openDrift, event, heal));
  change(event, rows, name, () => ({ openDrift: null }));
}

function driftFact(row: FactRow, openDrift: string, event: Fact, heal: number | null): FactRow {
  const [id, position, at] = openDrift.split(' ') as [string, string, string];
  return {
    ...row,
    ...NOTHING_DONE,
    key: `drift:${id}`,
    kind: 'drift',
    position: Number(position),
    changed: Number(event.position),
    quarter: quarterOf(at),
    begunAt: at,
    outcome: heal === null ? 'open' : 'healed',
    failure: null,
    heal,
  };
}

const NOTHING_DONE = {
  slot: null,
  commit: null,
  reuses: null,
  change: null,
  seenAt: null,
  seenEvent: null,
  begunEvent: null,
  endedAt: null,
  endedEvent: null,
  held: null,
  approval: null,
  lead: null,
  rollout: null,
  apply: null,
  heal: null,
  holds: 0,
  adapted: 0,
  applied: 0,
  rolledOut: 0,
  pruned: 0,
  shifted: 0,
  delayed: 0,
  heldSince: null,
  approvalSince: null,
  kindsAt: null,
  openDrift: null,
} as const;

function requested(event: Fact<Requested>, productLine: string | null): FactRow {
  const { release, project, ref, commit, requestedBy, trigger, reuses, source } = event.data;
  return {
    ...NOTHING_DONE,
    key: release,
    kind: 'release',
    position: Number(event.position),
    changed: Number(event.position),
    quarter: quarterOf(event.recordedAt),
    begunAt: event.recordedAt,
    project,
    productLine,
    refKind: ref.kind,
    tier: null,
    person: requestedBy,
    roles: event.actor.roles.length === 0 ? null : listOf(event.actor.roles),
    team: source.attributes['team'] ?? null,
    pipeline: pipelineOf(source),
    via: source.via,
    trigger,
    locations: null,
    kinds: null,
    outcome: 'open',
    failure: null,
    commit,
    reuses,
    change: changeOf(source.attributes),
    begunEvent: event.id,
  };
}

/** Attributes come from outside: what is no instant is not known. */
function changeOf(attributes: Requested['data']['source']['attributes']): ChangeTimes | null {
  const instant = (name: string): string | null => {
    const given = attributes[name] ?? '';
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(given) ? Date.parse(given) : Number.NaN;
    return Number.isNaN(time) ? null : new Date(time).toISOString();
  };
  const change = { committedAt: instant('committedAt'), openedAt: instant('openedAt'), mergedAt: instant('mergedAt') };
  return (change.committedAt ?? change.openedAt ?? change.mergedAt) ? change : null;
}

/** What a pipeline is called, not its run: the attribute `pipeline`, or its address without the number of the run. */
function pipelineOf({ attributes, url }: Requested['data']['source']): string | null {
  const named = attributes['pipeline'];
  if (named !== undefined) return named;
  return url === null ? null : url.replace(/\/[0-9]+(\/(attempts\/[0-9]+)?)?([?#].*)?$/, '');
}

function deployment(event: Fact<Extract<EnvironmentEvent, { type: 'DeploymentRequested' }>>, rows: Rows): FactRow {
  const { environment, generation, ref, tier } = event.data;
  const release = rows.of(factTable).get(event.data.release);
  const { location, project } = environment;
  return {
    ...NOTHING_DONE,
    key: deploymentName(environment, generation),
    kind: 'deployment',
    position: Number(event.position),
    changed: Number(event.position),
    quarter: quarterOf(event.recordedAt),
    begunAt: event.recordedAt,
    project,
    productLine: release?.productLine ?? null,
    refKind: ref.kind,
    tier,
    person: release?.person ?? null,
    roles: release?.roles ?? null,
    team: release?.team ?? null,
    pipeline: release?.pipeline ?? null,
    via: release?.via ?? null,
    trigger: release?.trigger ?? null,
    locations: location,
    kinds: kindsOf(release?.kindsAt ?? null, location),
    outcome: 'open',
    failure: null,
  };
}

function kindsOf(kindsAt: string | null, location: string): string | null {
  const found = kindsAt?.split(';').find((entry) => entry.startsWith(`${location}=`));
  return found?.slice(location.length + 1) ?? null;
}

const listOf = (words: Iterable<string>): string => [...new Set(words)].sort().join(',');

const since = (from: string, event: Fact): number => Math.max(0, Date.parse(event.recordedAt) - Date.parse(from));

/** Changes a row and says at which event, unless nothing changes. */
function change(event: Fact, rows: Rows, key: string, changes: (row: FactRow) => Partial<FactRow> | undefined): void {
  rows.of(factTable).change(key, (row) => {
    const changed = changes(row);
    return changed && { ...changed, changed: Number(event.position) };
  });
}

export const statisticsProjection: Projection = {
  name: 'statistics',
  version: 2,
  tables: [factTable, factProjectTable, factCommitTable],
  on: { project: onProject, release: onRelease, environment: onEnvironment, deployment: onDeployment },
};
