import { assertNever, type JsonValue } from '@waybill/kernel';
import { environmentName, type EnvironmentEvent, type LocationEvent, type ProjectEvent } from '@waybill/domain';
import { type OperatorRow, resourceId } from '../locations/table.js';
import type { Announce, Fact, Handler, Projection, Rows } from '../projection.js';
import { onDeployment } from './standings.js';
import {
  STILL_INSTANT,
  STILL_POSITION,
  standingTable,
  versionTable,
  type VersionKind,
  type VersionPart,
} from './table.js';

interface Told {
  readonly kind: VersionKind;
  readonly subject: string;
  readonly part: VersionPart;
  /** From what held before; undefined when nothing changes. */
  readonly value: (before: unknown) => unknown;
}

const idOf = ({ kind, subject, part }: Omit<Told, 'value'>): string => `${kind} ${subject} ${part}`;

const announceAll = (told: readonly Told[], announce: Announce): void => {
  for (const one of told) announce(versionTable, idOf(one));
};

function tellAll(event: Fact, told: readonly Told[], rows: Rows): void {
  for (const one of told) tell(event, one, rows);
}

function tell(event: Fact, { kind, subject, part, value }: Told, rows: Rows): void {
  const versions = rows.of(versionTable);
  const id = idOf({ kind, subject, part });
  const before = versions.get(id);
  const now = value(before?.value ?? null);
  if (now === undefined || (now === null && before === undefined)) return;
  const fromPosition = Number(event.position);
  // A clock that was put back must not turn an interval round.
  const happenedFrom = before && before.happenedFrom > event.occurredAt ? before.happenedFrom : event.occurredAt;
  if (before) {
    versions.put({
      ...before,
      id: `${id} ${before.fromPosition}`,
      untilPosition: fromPosition,
      happenedUntil: happenedFrom,
    });
  }
  versions.put({
    id,
    kind,
    subject,
    part,
    value: now,
    revision: event.revision,
    eventId: event.id,
    actor: event.actor.id,
    recordedAt: event.recordedAt,
    fromPosition,
    untilPosition: STILL_POSITION,
    happenedFrom,
    happenedUntil: STILL_INSTANT,
  });
}

/** Handles events that each tell something whole, or change what was told before. */
const handlerOf = <E extends ProjectEvent | LocationEvent | EnvironmentEvent>(
  toldBy: (event: Fact<E>) => readonly Told[],
): Handler<E> => ({
  touches: (event, announce) => announceAll(toldBy(event), announce),
  project: (event, rows) => tellAll(event as unknown as Fact, toldBy(event), rows),
});

const onProject = handlerOf<ProjectEvent>((event) => {
  const told = (part: VersionPart, value: unknown): readonly Told[] => [
    { kind: 'project', subject: event.data.project, part, value: () => value },
  ];
  switch (event.type) {
    case 'ProjectRegistered':
      return told('name', event.data.name);
    case 'DeveloperMetadataSubmitted':
      return told('developer', event.data.metadata);
    case 'BusinessMetadataSubmitted':
      return told('business', event.data.metadata);
    case 'DevopsMetadataSubmitted':
      return told('devops', event.data.metadata);
    case 'BranchRulesDefined':
      return told('rules', { preset: event.data.preset, rules: event.data.rules });
    // The last one that was deleted: the project's revision counts it.
    case 'BranchDeleted':
      return told('branch', event.data.branch);
    default:
      return assertNever(event);
  }
});

const changed =
  (changes: Readonly<Record<string, unknown>>) =>
  (before: unknown): unknown =>
    before === null ? undefined : { ...(before as object), ...changes };

const onLocation = handlerOf<LocationEvent>((event) => {
  const { location } = event.data;
  const told = (part: VersionPart, value: Told['value']): readonly Told[] => [
    { kind: 'location', subject: location, part, value },
  ];
  const ofResource = (resource: string, value: Told['value']): readonly Told[] => [
    { kind: 'resource', subject: resourceId(location, resource), part: 'resource', value },
  ];
  switch (event.type) {
    case 'LocationOnboarded': {
      const { delivery } = event.data;
      return told('delivery', () => ({ delivery, retired: false }));
    }
    case 'LocationChanged':
      return told('delivery', changed({ delivery: event.data.delivery }));
    case 'LocationRetired':
      return told('delivery', changed({ retired: true }));
    case 'ResourceOnboarded': {
      const { resource: key, kind, parameters, connection } = event.data;
      return ofResource(key, () => ({ key, kind, location, parameters, connection, retired: false }));
    }
    case 'ResourceChanged': {
      const { resource, kind, parameters, connection } = event.data;
      return ofResource(resource, changed({ kind, parameters, connection }));
    }
    case 'ResourceRetired':
      return ofResource(event.data.resource, changed({ retired: true }));
    case 'OperatorConnected': {
      const { epoch, software, capabilities } = event.data;
      const { name, version } = software;
      const operator = { epoch, software: name, version, capabilities, silentSince: null };
      return told('operator', (before) => {
        const known = before as Partial<OperatorRow> | null;
        const connectedAt = known?.epoch === epoch ? known.connectedAt! : event.recordedAt;
        return { ...operator, connectedAt };
      });
    }
    case 'OperatorSilent':
      return told('operator', changed({ silentSince: event.recordedAt }));
    case 'OperatorHeard':
      return told('operator', changed({ silentSince: null }));
    // A migration has rows of its own, which say when it was started and when it ended.
    case 'MigrationStarted':
    case 'MigrationStopped':
    case 'MigrationResumed':
    case 'MigrationRemovalRequested':
    case 'MigrationRemovalBegun':
    case 'MigrationReverted':
    case 'MigrationCompleted':
    case 'LocationResynced':
      return [];
    default:
      return assertNever(event);
  }
});

const onEnvironment = handlerOf<EnvironmentEvent>((event) => {
  const told = (value: JsonValue | null): readonly Told[] => [
    {
      kind: 'environment',
      subject: environmentName(event.data.environment),
      part: 'pendingConfig',
      value: (before) => (before === null && value === null ? undefined : value),
    },
  ];
  switch (event.type) {
    case 'ConfigChangeNoticed': {
      const { directory, commit, digest } = event.data;
      return told({ directory, commit, digest, noticedAt: event.recordedAt });
    }
    case 'DeploymentRequested':
    case 'EnvironmentRemovalRequested':
      return told(null);
    case 'DeploymentRefused':
    case 'RolloutDirected':
    case 'EnvironmentClosed':
    case 'EnvironmentRemoved':
    case 'EnvironmentCopied':
    case 'EnvironmentCopyRefused':
    case 'EnvironmentCutOver':
    case 'EnvironmentCutBack':
    case 'DeploymentForwarded':
      return [];
    default:
      return assertNever(event);
  }
});

/** What held when: for answers as of an earlier time. Deployments carry their own time in their rows. */
export const historyProjection: Projection = {
  name: 'history',
  version: 2,
  tables: [versionTable, standingTable],
  on: { project: onProject, location: onLocation, environment: onEnvironment, deployment: onDeployment },
};
