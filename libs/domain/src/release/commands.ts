import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import type { KnownResource } from '../project/commands.js';
import type { MissingMetadata } from '../project/missing.js';
import type { BranchRule } from '../rules/rule.js';
import { CommitId, Deliverable, LocationKey, MachineText, ProjectKey, Ref, Sha256 } from '../vocabulary.js';
import { LocationOutcome, ReleaseId, ReleaseSource, ResolvedConfig } from './events.js';

const release = { release: ReleaseId };

export const releaseInputs = {
  RequestRelease: z.strictObject({
    ...release,
    project: ProjectKey,
    ref: Ref,
    commit: CommitId,
    deliverable: Deliverable.nullable(),
    trigger: z.enum(['push', 'manual', 'retry', 'rollback', 'config-change']),
    reuses: ReleaseId.nullable(),
    source: ReleaseSource,
  }),
  ProvideDeliverable: z.strictObject({ ...release, deliverable: Deliverable }),
  RecordConfigResolved: z.strictObject({ ...release, config: ResolvedConfig }),
  RecordConfigUnresolved: z.strictObject({
    ...release,
    repository: z.string(),
    directory: z.string().nullable(),
    problem: z.enum(['missing', 'invalid', 'unreachable', 'too-large', 'secret']),
    file: z.string().nullable(),
    line: z.int().min(1).nullable(),
    message: MachineText,
  }),
  EvaluateRelease: z.strictObject(release),
  ApproveRelease: z.strictObject({ ...release, reason: Sha256.optional() }),
  RefuseRelease: z.strictObject({ ...release, reason: Sha256.nullable() }),
  CancelRelease: z.strictObject({
    ...release,
    cause: z.enum(['requested', 'branch-deleted']),
    reason: Sha256.nullable(),
  }),
  ConcludeLocation: z.strictObject({
    ...release,
    location: LocationKey,
    generation: z.int().min(1).nullable(),
    outcome: LocationOutcome,
    message: MachineText.nullable(),
  }),
  RedirectLocation: z.strictObject({ ...release, location: LocationKey, to: LocationKey }),
};

/** The project as the handler read it. `rulesRevision` is the stream revision of the `BranchRulesDefined` in force. */
export interface RequestContext {
  readonly rules: readonly BranchRule[];
  readonly rulesRevision: number | null;
  /** What a rollback, retry or config-change takes over from an earlier release; null for a first intent. */
  readonly reused: {
    readonly deliverable: Deliverable | null;
    /** Null when the configuration is to be resolved anew (config-change). */
    readonly config: ResolvedConfig | null;
    readonly metadataRevision: number | null;
  } | null;
  /** The configuration of the rule that matches, when it can be read without waiting for anybody. */
  readonly config?: ResolvedConfig | null;
  readonly evaluation?: EvaluationContext;
}

/** All that may hold a release, as it is now. What a command itself changes is not in it. */
export interface EvaluationContext {
  readonly missing: readonly MissingMetadata[];
  /** True when the project says where its configuration is: what is not known yet is being read. */
  readonly configIsRead: boolean;
  /** Instant at which the release window opens next, null when it is open or there is none for the tier. */
  readonly windowOpensAt: string | null;
  readonly approvers: readonly string[];
  /** Revision of the project stream that `missing` was computed from. */
  readonly metadataRevision: number;
  /** For each resource of the rule: where it is, or why it cannot be used. */
  readonly resources: readonly (
    Omit<KnownResource, 'delivery'> | { readonly resource: string; readonly unavailable: string }
  )[];
}

type Input<Name extends keyof typeof releaseInputs> = z.output<(typeof releaseInputs)[Name]>;

/** What may free a release is followed by its evaluation in the same append, when what that needs comes along. */
export type ReleaseCommand =
  | Command<'RequestRelease', Input<'RequestRelease'>, RequestContext>
  | Command<'ProvideDeliverable', Input<'ProvideDeliverable'>, EvaluationContext | undefined>
  | Command<'RecordConfigResolved', Input<'RecordConfigResolved'>, EvaluationContext | undefined>
  | Command<'RecordConfigUnresolved', Input<'RecordConfigUnresolved'>, EvaluationContext | undefined>
  | Command<'EvaluateRelease', Input<'EvaluateRelease'>, EvaluationContext>
  | Command<'ApproveRelease', Input<'ApproveRelease'>, EvaluationContext | Pick<EvaluationContext, 'approvers'>>
  | Command<'RefuseRelease', Input<'RefuseRelease'>, Pick<EvaluationContext, 'approvers'>>
  | Command<'CancelRelease', Input<'CancelRelease'>, undefined>
  | Command<'ConcludeLocation', Input<'ConcludeLocation'>, undefined>
  | Command<'RedirectLocation', Input<'RedirectLocation'>, undefined>;
