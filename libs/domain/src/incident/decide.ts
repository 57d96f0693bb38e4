import { WaybillError, assertNever, canonicalText, type Decider } from '@waybill/kernel';
import { requireRole } from '../access/require-role.js';
import type { IncidentCommand, IncidentContext } from './commands.js';
import type { IncidentEvent } from './events.js';
import { evolveIncident, given, type IncidentFacts, type IncidentState } from './state.js';

/** Clocks of alerting and of the ledger differ a little. Milliseconds. */
const AHEAD_MS = 5 * 60_000;

/**
 * An incident from its beginning to its end. What was recorded once is changed by a correction only, so that both
 * numbers can be told later; repeating what is so already writes nothing.
 */
export const incidentDecider: Decider<IncidentState, IncidentCommand, IncidentEvent> = {
  initialState: null,
  decide: decideIncident,
  evolve: evolveIncident,
};

function decideIncident(command: IncidentCommand, state: IncidentState): readonly IncidentEvent[] {
  const { actor, now } = command.metadata;
  requireRole(actor, ['developer', 'business', 'devops'], 'recording an incident');
  switch (command.type) {
    case 'OpenIncident': {
      if (state) return alreadyOpened(state, command.data);
      assertNotAhead('openedAt', command.data.openedAt, now);
      return [{ type: 'IncidentOpened', data: command.data }];
    }
    case 'NameIncidentCause': {
      const incident = opened(state, command.data.incident);
      const { cause } = command.data;
      if (incident.cause === cause) return [];
      if (incident.cause !== null) throw told(`release ${incident.cause} is its cause already`);
      assertOfProject(command.context, 'cause', cause, incident);
      return [{ type: 'IncidentCaused', data: command.data }];
    }
    case 'ResolveIncident': {
      const incident = opened(state, command.data.incident);
      const { resolvedAt, fixedBy } = command.data;
      if (incident.resolvedAt !== null) {
        if (incident.resolvedAt === resolvedAt && incident.fixedBy === fixedBy) return [];
        throw told(`it was resolved at ${incident.resolvedAt} already`);
      }
      assertNotAhead('resolvedAt', resolvedAt, now);
      assertInOrder(incident.openedAt, resolvedAt);
      if (fixedBy !== null) assertOfProject(command.context, 'fixedBy', fixedBy, incident);
      return [{ type: 'IncidentResolved', data: command.data }];
    }
    case 'CorrectIncident':
      return correct(command.data, opened(state, command.data.incident), command.context, now);
    default:
      return assertNever(command);
  }
}

type Correction = Extract<IncidentCommand, { type: 'CorrectIncident' }>['data'];

/** Only what differs is told. */
function correct(
  { incident: id, reason, ...wanted }: Correction,
  incident: IncidentFacts,
  context: IncidentContext,
  now: string,
): readonly IncidentEvent[] {
  const entries = Object.entries(given(wanted)).filter(
    ([name, value]) => incident[name as keyof typeof wanted] !== value,
  );
  if (entries.length === 0) return [];
  const changes = Object.fromEntries(entries) as typeof wanted;
  const openedAt = changes.openedAt ?? incident.openedAt;
  const resolvedAt = changes.resolvedAt === undefined ? incident.resolvedAt : changes.resolvedAt;
  assertNotAhead('openedAt', openedAt, now);
  if (resolvedAt !== null) {
    assertNotAhead('resolvedAt', resolvedAt, now);
    assertInOrder(openedAt, resolvedAt);
  }
  for (const field of ['cause', 'fixedBy'] as const) {
    const release = changes[field];
    if (release != null) assertOfProject(context, field, release, incident);
  }
  return [{ type: 'IncidentCorrected', data: { incident: id, ...changes, reason } }];
}

/** An alert that is told again opens nothing anew, even where its words changed. */
function alreadyOpened(state: IncidentFacts, data: { readonly project: string; readonly openedAt: string }): [] {
  if (canonicalText([state.project, state.openedAt]) === canonicalText([data.project, data.openedAt])) return [];
  throw new WaybillError('ALREADY_EXISTS', `incident ${state.incident} was opened already, otherwise`, {
    hint: 'Correct it (waybill incident correct), or open another one.',
  });
}

function opened(state: IncidentState, id: string): IncidentFacts {
  if (state) return state;
  throw new WaybillError('NOT_FOUND', `there is no incident ${id}`, {
    hint: 'waybill incident list shows incidents with their ids.',
  });
}

const told = (message: string): WaybillError =>
  new WaybillError('INVALID_STATE', message, {
    hint: 'Correct it (waybill incident correct): both numbers stay visible then.',
  });

function assertNotAhead(field: string, at: string, now: string): void {
  if (Date.parse(at) <= Date.parse(now) + AHEAD_MS) return;
  throw wrong(field, `lies in the future: ${at}`);
}

function assertInOrder(openedAt: string, resolvedAt: string): void {
  if (Date.parse(resolvedAt) < Date.parse(openedAt)) throw wrong('resolvedAt', `lies before it began: ${openedAt}`);
}

function assertOfProject(
  { projects }: IncidentContext,
  field: string,
  release: string,
  { project }: IncidentFacts,
): void {
  const found = Object.hasOwn(projects, release) ? projects[release] : undefined;
  if (found === undefined) throw wrong(field, `there is no release ${release}`);
  if (found !== project) throw wrong(field, `release ${release} is one of project ${found}, not of ${project}`);
}

const wrong = (field: string, message: string): WaybillError =>
  new WaybillError('INVALID_INPUT', `${field}: ${message}`, { fields: [{ field, message }] });
