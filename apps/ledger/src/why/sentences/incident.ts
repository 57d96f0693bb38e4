import { type IncidentEvent, environmentName } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { type Telling, inWords, short, whoOf } from './telling.js';

export function incidentSentence(event: IncidentEvent, telling: Telling): string {
  const who = whoOf(telling.actor, telling.nameOf);
  const incident = `incident ${short(event.data.incident)}`;
  switch (event.type) {
    case 'IncidentOpened': {
      const { project, environment, openedAt, severity, source, summary } = event.data;
      const where = environment === null ? project : environmentName(environment);
      const how = severity === null ? '' : `, ${severity}`;
      return `${who} opened ${incident} of ${where}, since ${openedAt}${how} (through ${source.via})${inWords(telling, summary)}.`;
    }
    case 'IncidentCaused':
      return `${who} named release ${short(event.data.cause)} as the cause of ${incident}.`;
    case 'IncidentResolved': {
      const { resolvedAt, fixedBy } = event.data;
      return `${who} said that ${incident} was over at ${resolvedAt}${fixedBy === null ? '' : `, by release ${short(fixedBy)}`}.`;
    }
    case 'IncidentCorrected':
      return `${who} corrected ${incident}: ${corrections(event.data).join(', ')}${inWords(telling, event.data.reason)}.`;
    default:
      return assertNever(event);
  }
}

type Corrected = Extract<IncidentEvent, { type: 'IncidentCorrected' }>['data'];

function corrections({ openedAt, resolvedAt, cause, fixedBy, dismissed }: Corrected): readonly string[] {
  return [
    ...(openedAt === undefined ? [] : [`it began at ${openedAt}`]),
    ...(resolvedAt === undefined ? [] : [resolvedAt === null ? 'it is not over' : `it was over at ${resolvedAt}`]),
    ...(cause === undefined ? [] : [cause === null ? 'no release caused it' : `release ${short(cause)} caused it`]),
    ...(fixedBy === undefined ? [] : [fixedBy === null ? 'no release fixed it' : `release ${short(fixedBy)} fixed it`]),
    ...(dismissed === undefined ? [] : [dismissed ? 'it was none' : 'it was one after all']),
  ];
}
