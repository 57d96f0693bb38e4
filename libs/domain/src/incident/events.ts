import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { ReleaseId } from '../release/events.js';
import { EnvironmentId, Instant, ProjectKey, Sha256 } from '../vocabulary.js';

export const IncidentId = z.uuid();

/** Through what an incident came to be known. */
export const IncidentSource = z.strictObject({
  via: z.enum(['cli', 'graphql', 'webhook', 'alertmanager', 'cdevents']),
  /** What it is called there: a ticket, a fingerprint of an alert. */
  key: z.string().max(200).nullable(),
  url: z.string().max(1000).nullable(),
});
export type IncidentSource = z.infer<typeof IncidentSource>;

const incident = { incident: IncidentId };

/** What a correction may say anew; what is left out stays as it is. */
export const IncidentChanges = {
  openedAt: Instant.optional(),
  /** Null: it is not resolved after all. */
  resolvedAt: Instant.nullable().optional(),
  /** Null: no release caused it. */
  cause: ReleaseId.nullable().optional(),
  /** Null: no release fixed it. */
  fixedBy: ReleaseId.nullable().optional(),
  /** True: it was none. It counts nowhere any more, and stays to be seen. */
  dismissed: z.boolean().optional(),
};

export const incidentStream = defineStream(
  'incident',
  'Something that went wrong where users see it: when, by which release, until when. Corrections are events too.',
  {
    IncidentOpened: {
      version: 1,
      doc: 'An incident became known.',
      data: z.strictObject({
        ...incident,
        project: ProjectKey,
        /** Null when it is not known where. */
        environment: EnvironmentId.nullable(),
        /** When it began, as it was told. */
        openedAt: Instant,
        severity: z.string().max(50).nullable(),
        source: IncidentSource,
        /** Digest of its description in the blob store. */
        summary: Sha256.nullable(),
      }),
    },
    IncidentCaused: {
      version: 1,
      doc: 'A release was named as the cause of the incident.',
      data: z.strictObject({ ...incident, cause: ReleaseId }),
    },
    IncidentResolved: {
      version: 1,
      doc: 'The incident is over.',
      data: z.strictObject({
        ...incident,
        /** When it was over, as it was told. */
        resolvedAt: Instant,
        /** The release that brought the remedy; null when none did, or it is not known. */
        fixedBy: ReleaseId.nullable(),
      }),
    },
    IncidentCorrected: {
      version: 1,
      doc: 'What was recorded of the incident was wrong; this holds from now on, and what was recorded stays to be seen.',
      data: z.strictObject({
        ...incident,
        ...IncidentChanges,
        /** Digest of the words of who corrected it, in the blob store. */
        reason: Sha256.nullable(),
      }),
    },
  },
);
export type IncidentEvent = EventsOf<typeof incidentStream.events>;
