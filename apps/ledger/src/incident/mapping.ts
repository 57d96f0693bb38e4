import { environmentName } from '@waybill/domain';
import type { IncidentRow, IncidentVersionRow } from '@waybill/views';
import type * as Api from '../graphql.gen.js';

/** What stands in the row; releases and words are looked up only when asked. */
export type IncidentAnswer = Omit<Api.Incident, 'summary' | 'cause' | 'fixedBy' | 'versions'> & {
  readonly summaryDigest: string | null;
  readonly causeId: string | null;
  readonly fixedById: string | null;
};

export type VersionAnswer = Omit<Api.IncidentVersion, 'reason'> & { readonly reasonDigest: string | null };

export function toIncident(row: IncidentRow): IncidentAnswer {
  return {
    id: row.incident,
    project: row.project,
    environment: row.environment && environmentName(row.environment),
    openedAt: row.openedAt,
    resolvedAt: row.resolvedAt,
    severity: row.severity,
    via: row.source.via,
    key: row.source.key,
    url: row.source.url,
    dismissed: row.dismissed,
    corrections: row.corrections,
    summaryDigest: row.summary,
    causeId: row.cause,
    fixedById: row.fixedBy,
  };
}

export function toVersion(row: IncidentVersionRow): VersionAnswer {
  return {
    incident: row.incident,
    eventId: row.event,
    type: row.type,
    recordedAt: row.recordedAt,
    position: row.position,
    openedAt: row.openedAt,
    resolvedAt: row.resolvedAt,
    cause: row.cause,
    fixedBy: row.fixedBy,
    dismissed: row.dismissed,
    reasonDigest: row.reason,
  };
}
