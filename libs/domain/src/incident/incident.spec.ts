import { describe, it } from '@jest/globals';
import type { Actor, CommandMetadata } from '@waybill/kernel';
import { domainSpec } from '../testing/domain-spec.js';
import type { IncidentCommand } from './commands.js';
import { incidentDecider } from './decide.js';
import type { IncidentEvent } from './events.js';

const given = domainSpec(incidentDecider);

const INCIDENT = '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6c';
const RELEASE = '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b';
const OTHER = '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6d';
const FOREIGN = '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6e';
const projects = { [RELEASE]: 'a', [OTHER]: 'a', [FOREIGN]: 'b' };

const at = (time: string): string => `2026-11-23T${time}:00.000Z`;

const by = (...roles: string[]): CommandMetadata => {
  const actor: Actor = { kind: 'service', id: 's-1a2b3c4d', roles };
  return { commandId: 'c1', actor, now: at('14:00'), correlationId: 'c1', causationId: 'c1' };
};

const begun = {
  incident: INCIDENT,
  project: 'a',
  environment: { project: 'a', slot: 'prod', location: 'prod1' },
  openedAt: at('12:00'),
  severity: 'critical',
  source: { via: 'alertmanager', key: 'f1b2', url: null },
  summary: null,
} as const;

type Data<Type extends IncidentCommand['type']> = Extract<IncidentCommand, { type: Type }>['data'];

const open = (changes: Partial<Data<'OpenIncident'>> = {}, metadata = by('devops')): IncidentCommand => ({
  type: 'OpenIncident',
  data: { ...begun, ...changes },
  context: { projects },
  metadata,
});
const cause = (release: string): IncidentCommand => ({
  type: 'NameIncidentCause',
  data: { incident: INCIDENT, cause: release },
  context: { projects },
  metadata: by('developer'),
});
const resolve = (time: string, fixedBy: string | null = null): IncidentCommand => ({
  type: 'ResolveIncident',
  data: { incident: INCIDENT, resolvedAt: at(time), fixedBy },
  context: { projects },
  metadata: by('business'),
});
const correct = (changes: Partial<Data<'CorrectIncident'>>, metadata = by('devops')): IncidentCommand => ({
  type: 'CorrectIncident',
  data: { incident: INCIDENT, reason: null, ...changes },
  context: { projects },
  metadata,
});

const opened: IncidentEvent = { type: 'IncidentOpened', data: begun };
const caused: IncidentEvent = { type: 'IncidentCaused', data: { incident: INCIDENT, cause: RELEASE } };
const resolved: IncidentEvent = {
  type: 'IncidentResolved',
  data: { incident: INCIDENT, resolvedAt: at('13:00'), fixedBy: null },
};
const corrected = (changes: Partial<Data<'CorrectIncident'>>): IncidentEvent => ({
  type: 'IncidentCorrected',
  data: { incident: INCIDENT, ...changes, reason: null },
});

describe('an incident', () => {
  it('is opened once, however often an alert tells of it', () => {
    given().when(open()).then(opened);
    given(opened).when(open()).thenNothing();
    given(opened)
      .when(open({ severity: 'warning' }))
      .thenNothing();
    given(opened)
      .when(open({ openedAt: at('12:30') }))
      .thenThrows('ALREADY_EXISTS', /otherwise/, /correct/);
  });

  it('does not begin in the future, but clocks may differ a little', () => {
    given()
      .when(open({ openedAt: at('14:04') }))
      .then({ type: 'IncidentOpened', data: { ...begun, openedAt: at('14:04') } });
    given()
      .when(open({ openedAt: at('14:06') }))
      .thenThrows('INVALID_INPUT', /future/);
  });

  it('has one cause, a release of its project', () => {
    given(opened).when(cause(RELEASE)).then(caused);
    given(opened, caused).when(cause(RELEASE)).thenNothing();
    given(opened, caused)
      .when(cause(OTHER))
      .thenThrows('INVALID_STATE', /already/, /both numbers/);
    given(opened)
      .when(cause(FOREIGN))
      .thenThrows('INVALID_INPUT', /project b, not of a/);
    given(opened)
      .when(cause('019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6f'))
      .thenThrows('INVALID_INPUT', /no release/);
    given()
      .when(cause(RELEASE))
      .thenThrows('NOT_FOUND', /no incident/);
  });

  it('is over once, after it began', () => {
    given(opened).when(resolve('13:00')).then(resolved);
    given(opened, resolved).when(resolve('13:00')).thenNothing();
    given(opened, resolved)
      .when(resolve('13:10'))
      .thenThrows('INVALID_STATE', /already/, /correct/);
    given(opened)
      .when(resolve('11:59'))
      .thenThrows('INVALID_INPUT', /before it began/);
    given(opened)
      .when(resolve('13:00', OTHER))
      .then({ type: 'IncidentResolved', data: { incident: INCIDENT, resolvedAt: at('13:00'), fixedBy: OTHER } });
    given(opened)
      .when(resolve('13:00', FOREIGN))
      .thenThrows('INVALID_INPUT', /fixedBy/);
  });

  it('is corrected by what differs only', () => {
    given(opened, caused, resolved)
      .when(correct({ cause: OTHER, openedAt: begun.openedAt }))
      .then(corrected({ cause: OTHER }));
    given(opened, caused)
      .when(correct({ cause: null }))
      .then(corrected({ cause: null }));
    given(opened, caused, resolved)
      .when(correct({ resolvedAt: null, dismissed: true }))
      .then(corrected({ resolvedAt: null, dismissed: true }));
    given(opened, caused, corrected({ cause: OTHER }))
      .when(correct({ cause: OTHER }))
      .thenNothing();
    given(opened, resolved)
      .when(correct({ openedAt: at('13:30') }))
      .thenThrows('INVALID_INPUT', /before it began/);
    given(opened)
      .when(correct({ cause: FOREIGN }))
      .thenThrows('INVALID_INPUT', /cause/);
    given()
      .when(correct({ dismissed: true }))
      .thenThrows('NOT_FOUND');
  });

  it('may be resolved or caused anew after a correction took that back', () => {
    given(opened, caused, corrected({ cause: null }))
      .when(cause(OTHER))
      .then({ type: 'IncidentCaused', data: { incident: INCIDENT, cause: OTHER } });
    given(opened, resolved, corrected({ resolvedAt: null }))
      .when(resolve('13:30'))
      .then({ type: 'IncidentResolved', data: { incident: INCIDENT, resolvedAt: at('13:30'), fixedBy: null } });
  });

  it('is not recorded by who only reads', () => {
    given()
      .when(open({}, by('analyst')))
      .thenThrows('FORBIDDEN', /developer or business or devops/);
    given(opened)
      .when(correct({ dismissed: true }, by()))
      .thenThrows('FORBIDDEN');
  });
});
