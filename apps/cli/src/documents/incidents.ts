import type { Connection } from '../ledger/pages.js';

export interface Incident {
  readonly id: string;
  readonly project: string;
  readonly environment: string | null;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
  readonly severity: string | null;
  readonly via: string;
  readonly key: string | null;
  readonly url: string | null;
  readonly summary: string | null;
  readonly cause: { readonly id: string } | null;
  readonly fixedBy: { readonly id: string } | null;
  readonly dismissed: boolean;
  readonly corrections: number;
}

export interface IncidentVersion {
  readonly incident: string;
  readonly eventId: string;
  readonly type: string;
  readonly recordedAt: string;
  readonly position: string;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
  readonly cause: string | null;
  readonly fixedBy: string | null;
  readonly dismissed: boolean;
  readonly reason: string | null;
}

const FIELDS = `
  fragment incident on Incident {
    id
    project
    environment
    openedAt
    resolvedAt
    severity
    via
    key
    url
    summary
    cause { id }
    fixedBy { id }
    dismissed
    corrections
  }
`;

export const INCIDENTS = `
  query Incidents($first: Int, $after: String, $filter: IncidentFilter) {
    incidents(first: $first, after: $after, filter: $filter) {
      nodes { ...incident }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
  ${FIELDS}
`;
export interface IncidentsAnswer {
  readonly incidents: Connection<Incident>;
}

export const INCIDENT = `
  query Incident($id: ID!) {
    incident(id: $id) {
      ...incident
      versions { incident eventId type recordedAt position openedAt resolvedAt cause fixedBy dismissed reason }
    }
  }
  ${FIELDS}
`;
export interface IncidentAnswer {
  readonly incident: (Incident & { readonly versions: readonly IncidentVersion[] }) | null;
}

const mutation = (name: string, input: string): string => `
  mutation ${name[0]!.toUpperCase()}${name.slice(1)}($input: ${input}!) {
    ${name}(input: $input) { incident { ...incident } position }
  }
  ${FIELDS}
`;

export const OPEN_INCIDENT = mutation('openIncident', 'OpenIncidentInput');
export const NAME_INCIDENT_CAUSE = mutation('nameIncidentCause', 'NameIncidentCauseInput');
export const RESOLVE_INCIDENT = mutation('resolveIncident', 'ResolveIncidentInput');
export const CORRECT_INCIDENT = mutation('correctIncident', 'CorrectIncidentInput');

/** The answer of any of them: the incident as it is known then, under the mutation's name. */
export type IncidentCommandAnswer = Readonly<Record<string, { readonly incident: Incident }>>;
