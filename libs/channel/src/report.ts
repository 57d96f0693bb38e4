import { EnvironmentId, Instant, LocationKey, Observation, ReleaseId } from '@waybill/domain';
import { z } from 'zod';

/** What an operator reports about one generation. */
export const DeploymentReport = z.strictObject({
  schema: z.literal('waybill.dev/report/v1'),
  kind: z.literal('deployment'),
  environment: EnvironmentId,
  generation: z.int().min(1),
  release: ReleaseId.nullable(),
  /** max(now in ms, last known + 1), taken when the operator took over the location. */
  epoch: z.int().min(0),
  /** Grows within the epoch. (epoch, seq) orders the reports of one generation. */
  seq: z.int().min(0),
  occurredAt: Instant,
  observation: Observation,
});
export type DeploymentReport = z.infer<typeof DeploymentReport>;

/** An operator took over its location. */
export const ConnectedReport = z.strictObject({
  schema: z.literal('waybill.dev/report/v1'),
  kind: z.literal('connected'),
  location: LocationKey,
  epoch: z.int().min(0),
  occurredAt: Instant,
  software: z.string().max(100),
  capabilities: z.array(z.string().max(200)).max(500),
});
export type ConnectedReport = z.infer<typeof ConnectedReport>;

export const Report = z.discriminatedUnion('kind', [DeploymentReport, ConnectedReport]);
export type Report = z.infer<typeof Report>;

export const locationOf = (report: Report): string =>
  report.kind === 'connected' ? report.location : report.environment.location;
