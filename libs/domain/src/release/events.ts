import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { BranchRule } from '../rules/rule.js';
import {
  Attributes,
  CommitId,
  Deliverable,
  Instant,
  LocationKey,
  MachineText,
  PrincipalId,
  ProjectKey,
  Ref,
  RepositoryUrl,
  ResourceKey,
  ResourceKind,
  Sha256,
  Slot,
} from '../vocabulary.js';

export const ReleaseId = z.uuid();

/** Through what a release was asked for. */
export const ReleaseSource = z.strictObject({
  via: z.enum(['cli', 'graphql', 'webhook', 'cdevents', 'policy']),
  pipelineId: z.string().max(200).nullable(),
  jobId: z.string().max(200).nullable(),
  url: z.string().max(1000).nullable(),
  attributes: Attributes,
});
export type ReleaseSource = z.infer<typeof ReleaseSource>;

/** The attribute of a rollback that names the words of who asked for it, by their digest. */
export const ROLLBACK_REASON = 'rollbackReason';

/** The attribute of a rollback by rule that names the release whose failure it follows. */
export const ROLLBACK_OF = 'rollbackOf';

/** Why a release does not go on, and what would free it. */
export const Hold = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('awaiting-deliverable') }),
  z.strictObject({ kind: z.literal('awaiting-config') }),
  z.strictObject({
    kind: z.literal('missing-metadata'),
    section: z.enum(['developer', 'business', 'devops']),
    field: z.string(),
    why: z.string(),
  }),
  z.strictObject({
    kind: z.literal('config'),
    problem: z.enum(['missing', 'invalid', 'unreachable', 'too-large', 'secret']),
    message: MachineText,
  }),
  z.strictObject({ kind: z.literal('window-closed'), opensAt: Instant }),
  z.strictObject({
    kind: z.literal('approval-pending'),
    have: z.int().min(0),
    need: z.int().min(1),
    approvers: z.array(PrincipalId),
  }),
  z.strictObject({ kind: z.literal('resource-unavailable'), resource: ResourceKey, message: MachineText }),
]);
export type Hold = z.infer<typeof Hold>;

export const ResolvedConfig = z.strictObject({
  repository: RepositoryUrl,
  /** Directory that was read, `<project>/<directory>`. */
  directory: z.string(),
  /** True when the ref had no directory of its own and the rule's was taken. */
  fallback: z.boolean(),
  /** Last commit of the config repository that was read. */
  commit: CommitId,
  /** Git's tree hash of the directory. */
  digest: CommitId,
  /** Digest of the contents in the blob store: JSON `{ files: { path: text } }`. */
  contents: Sha256,
  committedAt: Instant.nullable(),
  author: PrincipalId.nullable(),
});
export type ResolvedConfig = z.infer<typeof ResolvedConfig>;

/** How one location ended. `delivered` is what `git` delivery can know; `healthy` is what an operator saw. */
export const LocationOutcome = z.enum(['healthy', 'delivered', 'failed', 'rejected', 'superseded', 'cancelled']);
export type LocationOutcome = z.infer<typeof LocationOutcome>;

const release = { release: ReleaseId };

export const releaseStream = defineStream(
  'release',
  'One intent to deploy a deliverable from a ref, and how it went.',
  {
    ReleaseRequested: {
      version: 1,
      doc: 'Somebody or a pipeline asked for a release of a ref. Its position is the release’s order.',
      data: z.strictObject({
        ...release,
        project: ProjectKey,
        ref: Ref,
        commit: CommitId,
        deliverable: Deliverable.nullable(),
        requestedBy: PrincipalId.nullable(),
        trigger: z.enum(['push', 'manual', 'retry', 'rollback', 'config-change']),
        /** The release whose intent is used again, for retry, rollback and config-change. */
        reuses: ReleaseId.nullable(),
        /** Revision of the project stream whose metadata is taken over with the whole reused intent. */
        metadataRevision: z.int().min(0).optional(),
        source: ReleaseSource,
      }),
    },
    BranchMatched: {
      version: 1,
      doc: 'A branch rule matched: the first one in the order of the project.',
      data: z.strictObject({ ...release, rulesRevision: z.int().min(0), rule: BranchRule, slot: Slot }),
    },
    BranchUnmatched: {
      version: 1,
      doc: 'No branch rule matched: nothing is deployed, and this says why.',
      data: z.strictObject({
        ...release,
        rulesRevision: z.int().min(0).nullable(),
        reason: z.enum(['no-rules', 'no-match']),
        /** The rule that came closest, when one did. */
        closest: z.string().nullable(),
      }),
    },
    DeliverableProvided: {
      version: 1,
      doc: 'The deliverable of the release became known.',
      data: z.strictObject({ ...release, deliverable: Deliverable }),
    },
    ConfigResolved: {
      version: 1,
      doc: 'The configuration of the ref was read from the config repository.',
      data: z.strictObject({ ...release, config: ResolvedConfig }),
    },
    ConfigUnresolved: {
      version: 1,
      doc: 'The configuration could not be read or is not valid.',
      data: z.strictObject({
        ...release,
        repository: RepositoryUrl,
        directory: z.string().nullable(),
        problem: z.enum(['missing', 'invalid', 'unreachable', 'too-large', 'secret']),
        file: z.string().nullable(),
        line: z.int().min(1).nullable(),
        message: MachineText,
      }),
    },
    ReleaseHeld: {
      version: 1,
      doc: 'The release waits, for these reasons; they replace those of an earlier hold.',
      data: z.strictObject({ ...release, reasons: z.array(Hold).min(1) }),
    },
    ReleaseApproved: {
      version: 1,
      doc: 'An approver agreed to exactly this deliverable, configuration and rules revision.',
      data: z.strictObject({
        ...release,
        approver: PrincipalId,
        deliverable: Deliverable,
        configDigest: CommitId,
        rulesRevision: z.int().min(0),
        /** Digest of the words of the approver in the blob store; absent when none were given. */
        reason: Sha256.optional(),
      }),
    },
    ReleaseRefused: {
      version: 1,
      doc: 'An approver refused the release: nothing of it will be deployed.',
      data: z.strictObject({ ...release, by: PrincipalId, reason: Sha256.nullable() }),
    },
    ReleaseCancelled: {
      version: 1,
      doc: 'The release was cancelled; what is deployed already stays.',
      data: z.strictObject({
        ...release,
        by: PrincipalId.nullable(),
        cause: z.enum(['requested', 'branch-deleted']),
        reason: Sha256.nullable(),
      }),
    },
    ReleasePlanned: {
      version: 1,
      doc: 'Nothing holds the release any more: where it goes, in which stages, under which metadata.',
      data: z.strictObject({
        ...release,
        /** Revision of the project stream whose metadata is used. */
        metadataRevision: z.int().min(0),
        resources: z
          .array(
            z.strictObject({
              resource: ResourceKey,
              kind: ResourceKind,
              location: LocationKey,
              /** The resource that the rule names, when its location was migrated. */
              named: ResourceKey.optional(),
            }),
          )
          .min(1),
        stages: z.array(z.array(LocationKey).min(1)).min(1),
      }),
    },
    StageStarted: {
      version: 1,
      doc: 'The locations of a stage are being deployed to.',
      data: z.strictObject({ ...release, stage: z.int().min(0), locations: z.array(LocationKey).min(1) }),
    },
    LocationConcluded: {
      version: 1,
      doc: 'One location of the release reached its outcome.',
      data: z.strictObject({
        ...release,
        location: LocationKey,
        /** Null when the environment refused the release. */
        generation: z.int().min(1).nullable(),
        outcome: LocationOutcome,
        message: MachineText.nullable(),
      }),
    },
    LocationMigrated: {
      version: 1,
      doc: 'The location of the release is migrated: what counts is what happens at the other one.',
      data: z.strictObject({ ...release, location: LocationKey, to: LocationKey }),
    },
    ReleaseCompleted: {
      version: 1,
      doc: 'Every location reached its outcome and none failed.',
      data: z.strictObject({ ...release, outcome: z.enum(['healthy', 'delivered', 'superseded']) }),
    },
    ReleaseFailed: {
      version: 1,
      doc: 'A location failed or was rejected; later stages are not started.',
      data: z.strictObject({ ...release, failed: z.array(LocationKey).min(1) }),
    },
  },
);
export type ReleaseEvent = EventsOf<typeof releaseStream.events>;
