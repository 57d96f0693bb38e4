import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { ReleaseId } from '../release/events.js';
import { EnvironmentId, Instant, ProjectKey, Sha256 } from '../vocabulary.js';
import { IncidentChanges, IncidentId, IncidentSource } from './events.js';

export const incidentInputs = {
  OpenIncident: z.strictObject({
    incident: IncidentId,
    project: ProjectKey,
    environment: EnvironmentId.nullable(),
    openedAt: Instant,
    severity: z.string().trim().min(1).max(50).nullable(),
    source: IncidentSource,
    summary: Sha256.nullable(),
  }),
  NameIncidentCause: z.strictObject({ incident: IncidentId, cause: ReleaseId }),
  ResolveIncident: z.strictObject({ incident: IncidentId, resolvedAt: Instant, fixedBy: ReleaseId.nullable() }),
  CorrectIncident: z.strictObject({ incident: IncidentId, ...IncidentChanges, reason: Sha256.nullable() }),
};

type Input<Name extends keyof typeof incidentInputs> = z.output<(typeof incidentInputs)[Name]>;

/** Projects of the releases that the command names, by id; a release that does not exist is not in it. */
export interface IncidentContext {
  readonly projects: Readonly<Record<string, string>>;
}

export type IncidentCommand = {
  [Name in keyof typeof incidentInputs]: Command<Name, Input<Name>, IncidentContext>;
}[keyof typeof incidentInputs];
