import { assertNever } from '@waybill/kernel';
import type { IncidentEvent } from './events.js';

type Opened = Extract<IncidentEvent, { type: 'IncidentOpened' }>['data'];

export interface IncidentFacts extends Opened {
  readonly resolvedAt: string | null;
  readonly cause: string | null;
  readonly fixedBy: string | null;
  readonly dismissed: boolean;
  /** How often it was corrected. */
  readonly corrections: number;
}

/** Null before it was opened. */
export type IncidentState = IncidentFacts | null;

export function evolveIncident(state: IncidentState, event: IncidentEvent): IncidentState {
  if (event.type === 'IncidentOpened') {
    return { ...event.data, resolvedAt: null, cause: null, fixedBy: null, dismissed: false, corrections: 0 };
  }
  if (state === null) return null;
  switch (event.type) {
    case 'IncidentCaused':
      return { ...state, cause: event.data.cause };
    case 'IncidentResolved': {
      const { resolvedAt, fixedBy } = event.data;
      return { ...state, resolvedAt, fixedBy };
    }
    case 'IncidentCorrected': {
      const { incident: _incident, reason: _reason, ...changes } = event.data;
      return { ...state, ...given(changes), corrections: state.corrections + 1 };
    }
    default:
      return assertNever(event);
  }
}

/** Without the fields that were left out. */
export function given<Changes extends object>(changes: Changes): Given<Changes> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Given<Changes>;
}

type Given<Changes> = { [Name in keyof Changes]: Exclude<Changes[Name], undefined> };
