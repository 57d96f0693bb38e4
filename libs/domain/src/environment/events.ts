import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { ReleaseId } from '../release/events.js';
import { migrationOfEnvironment } from './migration.js';
import { CommitId, Deliverable, EnvironmentId, LocationKey, PrincipalId, Ref, Sha256, Tier } from '../vocabulary.js';

const environment = { environment: EnvironmentId };

/** `migrated`: its copy at another location counts. `migration-reverted`: it was a copy that is no longer wanted. */
export const RemovalCause = z.enum(['branch-deleted', 'requested', 'migrated', 'migration-reverted']);

/** What a migration of the location says about a deployment; absent where there is none. */
const migrated = {
  /** The deployment at the location that is left which this one copies. */
  copyOf: z.strictObject({ location: LocationKey, generation: z.int().min(1) }).optional(),
  /** False where only its counterpart at the other location counts, for outcomes and statistics. */
  counts: z.literal(false).optional(),
};

/** Position of the event that asked, as a number: newer means asked for later. */
export const Order = z.int().min(0);

/** What somebody wants of a rollout in steps. Counts within the generation; the newest one alone counts. */
export const Directive = z.strictObject({
  seq: z.int().min(1),
  kind: z.enum(['promote', 'pause', 'resume', 'abort']),
  /** Of a `promote`: all traffic at once, whatever steps are left. */
  full: z.boolean(),
  /** Of a `promote`: the step whose pause ends, and no other; 0 is the preview. Whatever is at hand when left out. */
  step: z.int().min(0).optional(),
});
export type Directive = z.infer<typeof Directive>;

export const environmentStream = defineStream(
  'environment',
  'One project’s slot in one location. It alone assigns generations, which grow by one and never restart.',
  {
    DeploymentRequested: {
      version: 1,
      doc: 'The environment accepted a release: this is to run there.',
      data: z.strictObject({
        ...environment,
        generation: z.int().min(1),
        order: Order,
        release: ReleaseId,
        ref: Ref,
        commit: CommitId,
        deliverable: Deliverable,
        tier: Tier,
        configDigest: CommitId,
        /** Digest of the desired state in the blob store. */
        desired: Sha256,
        /** Generation that this one replaces, null for the first one or after a removal. */
        replaces: z.int().min(1).nullable(),
        ...migrated,
      }),
    },
    DeploymentRefused: {
      version: 1,
      doc: 'The environment refused a release that was asked for earlier than what it holds.',
      data: z.strictObject({
        ...environment,
        order: Order,
        release: ReleaseId,
        /** The newer release, or null when the environment was removed later than this release was asked for. */
        supersededBy: z.strictObject({ release: ReleaseId, generation: z.int().min(1) }).nullable(),
      }),
    },
    RolloutDirected: {
      version: 1,
      doc: 'Somebody had the rollout of the newest generation go on, stay as it is, or go back.',
      data: z.strictObject({
        ...environment,
        generation: z.int().min(1),
        seq: Directive.shape.seq,
        directive: Directive.shape.kind,
        full: Directive.shape.full,
        step: Directive.shape.step,
        by: PrincipalId.nullable(),
      }),
    },
    EnvironmentRemovalRequested: {
      version: 1,
      doc: 'Nothing is to run there any more: a generation that says so.',
      data: z.strictObject({
        ...environment,
        generation: z.int().min(1),
        order: Order,
        cause: RemovalCause,
      }),
    },
    EnvironmentClosed: {
      version: 1,
      doc: 'Releases asked for before this order are refused; nothing ran there, so nothing is removed.',
      data: z.strictObject({ ...environment, order: Order, cause: z.enum(['branch-deleted', 'requested']) }),
    },
    EnvironmentRemoved: {
      version: 1,
      doc: 'The operator confirmed that nothing is left.',
      data: z.strictObject({ ...environment, generation: z.int().min(1) }),
    },
    ConfigChangeNoticed: {
      version: 1,
      doc: 'The configuration of what runs here changed in its repository; by rule it is shown as pending or redeployed.',
      data: z.strictObject({
        ...environment,
        directory: z.string(),
        commit: CommitId,
        digest: CommitId,
        author: PrincipalId.nullable(),
      }),
    },
    ...migrationOfEnvironment,
  },
);
export type EnvironmentEvent = EventsOf<typeof environmentStream.events>;
