import { DeveloperMetadata, BusinessMetadata } from '@waybill/domain';
import {
  Attributes,
  CommitId,
  Deliverable,
  Directive,
  EnvironmentId,
  Ref,
  ReleaseId,
  ResourceKey,
  ResourceKind,
  ResourceParameters,
  ConnectionReference,
  Sha256,
  Strategy,
  Tier,
} from '@waybill/domain';
import { z } from 'zod';

/** `name/key`: a key of a secret that stands at the location. The value itself never passes through Waybill. */
export const SecretReference = z
  .string()
  .max(500)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/[-._A-Za-z0-9]+$/, 'a secret and one of its keys, such as db/password');

/** The value itself, or where the location finds it. */
export const EnvironmentVariable = z.union([z.string(), z.strictObject({ from: SecretReference })]);
export type EnvironmentVariable = z.infer<typeof EnvironmentVariable>;

/**
 * Everything an operator needs to run one release in one environment: full state, never a delta. Kept in the blob
 * store under the SHA-256 of its RFC 8785 text.
 */
export const DesiredState = z.strictObject({
  schema: z.literal('waybill.dev/desired-state/v1'),
  environment: EnvironmentId,
  release: ReleaseId,
  ref: Ref,
  commit: CommitId,
  tier: Tier,
  deliverable: Deliverable,
  strategy: Strategy,
  service: z.strictObject({
    ports: DeveloperMetadata.shape.ports,
    healthChecks: DeveloperMetadata.shape.healthChecks,
    replicas: z.int().min(0),
    /** Kubernetes quantities, requested and limited alike. */
    cpu: z.string().nullable(),
    memory: z.string().nullable(),
    autoscaling: z
      .strictObject({
        minReplicas: z.int().min(1),
        maxReplicas: z.int().min(1),
        targetCpuPercent: z.int().min(1).max(100),
      })
      .nullable(),
    environmentVariables: z.record(z.string(), EnvironmentVariable),
    /** Host names with the slot filled in. */
    domains: z.array(z.string()),
    trafficPolicy: BusinessMetadata.shape.trafficPolicy,
  }),
  config: z.strictObject({
    repository: z.string(),
    directory: z.string(),
    commit: CommitId,
    digest: CommitId,
    /** The service's configuration files: path in the directory → text. */
    files: z.record(z.string(), z.string()),
  }),
  /** Extra objects, applied as they are: file in the config directory and the parsed object. */
  manifests: z.array(z.strictObject({ file: z.string(), object: z.record(z.string(), z.json()) })),
  resources: z.array(
    z.strictObject({
      resource: ResourceKey,
      kind: ResourceKind,
      parameters: ResourceParameters,
      connection: ConnectionReference,
    }),
  ),
  trace: z.strictObject({
    pipelineId: z.string().nullable(),
    jobId: z.string().nullable(),
    url: z.string().nullable(),
    attributes: Attributes,
  }),
});
export type DesiredState = z.infer<typeof DesiredState>;

/**
 * What stands on the channel for one environment. The newest generation replaces every older one, and within a
 * generation the record with the newest directive the others.
 */
export const DesiredRecord = z.strictObject({
  schema: z.literal('waybill.dev/desired-record/v1'),
  environment: EnvironmentId,
  generation: z.int().min(1),
  state: z.enum(['present', 'absent']),
  release: ReleaseId.nullable(),
  /** SHA-256 of the RFC 8785 text of `desired`; null when absent. */
  digest: Sha256.nullable(),
  desired: DesiredState.nullable(),
  /** What somebody wants of the rollout of this generation; outside the digest, as what is to run stays the same. */
  directive: Directive.nullable().default(null),
  correlationId: z.string(),
  /** Id of the event that asked for this generation. */
  causationId: z.string(),
});
export type DesiredRecord = z.infer<typeof DesiredRecord>;

/** Most bytes a desired state may have as RFC 8785 text: larger is held, naming the file. */
export const MAX_DESIRED_BYTES = 700 * 1024;

type Standing = Pick<DesiredRecord, 'generation' | 'directive'>;

/** Above 0 when `a` replaces `b`, below when it is older, 0 when both say the same: by generation, then by directive. */
export const compareRecords = (a: Standing, b: Standing): number =>
  a.generation - b.generation || (a.directive?.seq ?? 0) - (b.directive?.seq ?? 0);
