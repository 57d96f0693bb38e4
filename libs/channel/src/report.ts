import { EnvironmentId, Instant, LocationKey, Observation, ReleaseId, Sha256, environmentName } from '@waybill/domain';
import { canonicalText, sha256 } from '@waybill/kernel';
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

/**
 * The operator is there and does its work: sent every 30 seconds, never an event. A location not heard of for three
 * intervals is silent.
 */
export const HeartbeatReport = z.strictObject({
  schema: z.literal('waybill.dev/report/v1'),
  kind: z.literal('heartbeat'),
  location: LocationKey,
  epoch: z.int().min(0),
  occurredAt: Instant,
});
export type HeartbeatReport = z.infer<typeof HeartbeatReport>;

/** Milliseconds between two heartbeats of one operator. */
export const HEARTBEAT_INTERVAL_MS = 30_000;

/** What stands at the location for one environment, as its operator knows it. */
export const StandingEnvironment = z.strictObject({
  environment: EnvironmentId,
  generation: z.int().min(1),
  /** Digest of the desired state; null when the environment is absent. */
  digest: Sha256.nullable(),
  /** The last observation of this generation. */
  phase: z.enum(Observation.options.map(({ shape }) => shape.phase.value)),
});
export type StandingEnvironment = z.infer<typeof StandingEnvironment>;

/** Most environments one resync tells of. */
export const MAX_RESYNC_ENVIRONMENTS = 5_000;

/** What stands at the location, told on connect and hourly: the ledger answers what differs by publishing again. */
export const ResyncReport = z.strictObject({
  schema: z.literal('waybill.dev/report/v1'),
  kind: z.literal('resync'),
  location: LocationKey,
  epoch: z.int().min(0),
  occurredAt: Instant,
  /** {@link resyncDigest} of all that stands there. */
  digest: Sha256,
  /** Null when the digest is the one that was last told in full within this epoch. */
  environments: z.array(StandingEnvironment).max(MAX_RESYNC_ENVIRONMENTS).nullable(),
});
export type ResyncReport = z.infer<typeof ResyncReport>;

/** SHA-256 of the RFC 8785 text of the environments, sorted by their names. */
export function resyncDigest(environments: readonly StandingEnvironment[]): string {
  return sha256(canonicalText(sortedByName(environments)));
}

export function sortedByName(environments: readonly StandingEnvironment[]): StandingEnvironment[] {
  const named = environments.map((standing) => ({ name: environmentName(standing.environment), standing }));
  // By code unit, the same on every machine whatever its locale.
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return named.map(({ standing }) => standing);
}

export const Report = z.discriminatedUnion('kind', [DeploymentReport, ConnectedReport, HeartbeatReport, ResyncReport]);
export type Report = z.infer<typeof Report>;

/** A report about the location as a whole. */
export type LocationReport = Exclude<Report, DeploymentReport>;

export const locationOf = (report: Report): string =>
  report.kind === 'deployment' ? report.environment.location : report.location;
