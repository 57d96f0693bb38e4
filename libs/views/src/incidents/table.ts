import type { EnvironmentId, IncidentSource } from '@waybill/domain';
import { defineTable, flag, integer, json, optionalJson, optionalText, text } from '../table.js';

/** What is known of an incident. */
const known = {
  incident: text(),
  project: text(),
  environment: optionalJson<EnvironmentId>(),
  /** When it began and was over, as it was told. */
  openedAt: text(),
  resolvedAt: optionalText(),
  severity: optionalText(),
  source: json<IncidentSource>(),
  /** Digest of its description in the blob store. */
  summary: optionalText(),
  /** The release that was named as its cause. */
  cause: optionalText(),
  fixedBy: optionalText(),
  dismissed: flag(),
  corrections: integer(),
} as const;

/** Incidents as they are known now. */
export const incidentTable = defineTable({
  name: 'incidents',
  key: 'incident',
  columns: {
    ...known,
    /** Position of the event that opened it. */
    position: integer(),
  },
  indexes: [{ columns: ['position'], unique: true }, { columns: ['project', 'position'] }, { columns: ['cause'] }],
});

/** What was known of an incident after each of its events: numbers can be told as they were known at any time. */
export const incidentVersionTable = defineTable({
  name: 'incident_versions',
  key: 'position',
  columns: {
    ...known,
    position: integer(),
    event: text(),
    type: text(),
    recordedAt: text(),
    /** Digest of why it was corrected, in the blob store. */
    reason: optionalText(),
  },
  indexes: [{ columns: ['incident', 'position'] }, { columns: ['project', 'position'] }],
});
