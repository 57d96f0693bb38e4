import { CommitId, Directive, Hold, Instant, PrincipalId, Sha256, Tier, Track } from '@waybill/domain';
import { z } from 'zod';

/**
 * CDEvents 0.5.1 (spec.md, core.md, continuous-deployment.md, links.md, custom/README.md of that tag), written down for
 * the types that the feed has. Stricter than the specification in one place: `customData` is ours and always there.
 */
export const CDEVENTS_VERSION = '0.5.1';

const Uri = z.string().regex(/^[a-z][a-z0-9+.-]*:\S+$/i, 'an absolute URI');
const UriReference = z.string().regex(/^\S+$/, 'a URI reference');
const Id = z.string().min(1);

const Tags = z.record(z.string(), z.unknown()).optional();
const Link = z
  .union([
    z.strictObject({ linkType: z.literal('PATH'), from: z.object({ contextId: Id }), tags: Tags }),
    z.strictObject({ linkType: z.literal('END'), from: z.object({ contextId: Id }).optional(), tags: Tags }),
    z.strictObject({
      linkType: z.literal('RELATION'),
      linkKind: Id,
      target: z.object({ contextId: Id.optional() }),
      tags: Tags,
    }),
  ])
  .meta({ id: 'Link' });
export type Link = z.infer<typeof Link>;

const reference = z.strictObject({ id: Id, source: UriReference.optional() });

const run = { pipelineName: z.string().optional(), uri: Uri.optional() };
const task = { taskName: z.string().optional(), uri: Uri.optional(), pipelineRun: reference.optional() };
const outcome = {
  outcome: z.enum(['success', 'failure', 'cancel', 'error']).optional(),
  errors: z.string().optional(),
};
const place = z.strictObject({ name: z.string().optional(), uri: Uri.optional() });
const artifact = z.strictObject({ environment: reference, artifactId: Id });

/** Contents of the standard types, by subject and predicate; each has version 0.3.0 in 0.5.1. */
const STANDARD = {
  'pipelinerun.queued': z.strictObject(run),
  'pipelinerun.started': z.strictObject({ pipelineName: z.string(), uri: Uri }),
  'pipelinerun.finished': z.strictObject({ ...run, ...outcome }),
  'taskrun.started': z.strictObject(task),
  'taskrun.finished': z.strictObject({ ...task, ...outcome }),
  'branch.deleted': z.strictObject({ repository: reference.optional() }),
  'environment.created': place,
  'environment.modified': place,
  'environment.deleted': z.strictObject({ name: z.string().optional() }),
  'service.deployed': artifact,
  'service.upgraded': artifact,
  'service.rolledback': artifact,
  'service.removed': z.strictObject({ environment: reference }),
} as const;

const nothing = z.strictObject({});
const inWords = { reason: z.string(), message: z.string() };
const milliseconds = z.number().min(0);
const count = z.int().min(0);

/** Contents of our own types, `dev.cdeventsx.waybill-<subject>.<predicate>`; each has version 0.1.0. */
const OWN = {
  'waybill-release.matched': z.strictObject({
    rule: z.string(),
    tier: Tier,
    slot: z.string(),
    resources: z.array(z.string()),
  }),
  'waybill-release.unmatched': z.strictObject({ reason: z.string(), closest: z.string().nullable() }),
  'waybill-release.provided': z.strictObject({ artifactId: Id }),
  'waybill-release.configured': z.strictObject({
    repository: z.string(),
    directory: z.string(),
    fallback: z.boolean(),
    commit: CommitId,
    digest: CommitId,
  }),
  'waybill-release.misconfigured': z.strictObject({
    repository: z.string(),
    directory: z.string().nullable(),
    problem: z.string(),
    file: z.string().nullable(),
    line: z.int().nullable(),
    message: z.string(),
  }),
  'waybill-release.held': z.strictObject({ reasons: z.array(Hold).min(1) }),
  'waybill-release.approved': z.strictObject({
    approver: PrincipalId,
    artifactId: Id,
    configDigest: CommitId,
    rulesRevision: count,
  }),
  'waybill-release.refused': z.strictObject({ by: PrincipalId }),
  'waybill-environment.refused': z.strictObject({ environment: reference, supersededBy: z.string().nullable() }),
  'waybill-environment.removing': z.strictObject({ environment: reference, cause: z.string() }),
  'waybill-environment.closed': z.strictObject({ environment: reference, cause: z.string() }),
  'waybill-environment.configchanged': z.strictObject({
    environment: reference,
    directory: z.string(),
    commit: CommitId,
    digest: CommitId,
  }),
  'waybill-deployment.accepted': nothing,
  'waybill-deployment.adapted': z.strictObject({ objects: count, inventoryHash: Sha256 }),
  'waybill-deployment.applied': z.strictObject({
    inventoryHash: Sha256,
    commit: CommitId.nullable(),
    durationMs: milliseconds,
  }),
  'waybill-deployment.rolledout': z.strictObject({ durationMs: milliseconds }),
  'waybill-deployment.pruned': z.strictObject({ objects: count, durationMs: milliseconds }),
  'waybill-deployment.delivered': z.strictObject({ artifactId: Id, commit: CommitId }),
  'waybill-deployment.recovered': nothing,
  'waybill-deployment.delayed': z.strictObject({ ...inWords, attempt: z.int().min(1) }),
  'waybill-deployment.failed': z.strictObject(inWords),
  'waybill-deployment.rejected': z.strictObject(inWords),
  'waybill-deployment.drifted': z.strictObject({
    paths: z.array(z.string()).min(1),
    commit: CommitId.nullable(),
    noticedAt: Instant,
  }),
  'waybill-deployment.healed': z.strictObject({ commit: CommitId.nullable() }),
  'waybill-rollout.directed': z.strictObject({
    seq: count,
    directive: Directive.shape.kind,
    full: z.boolean(),
    by: PrincipalId.nullable(),
  }),
  'waybill-rollout.shifted': z.strictObject({
    step: count,
    of: count,
    weight: z.int().min(0).max(100),
    track: Track,
    durationMs: milliseconds,
  }),
  'waybill-rollout.paused': z.strictObject({ step: count, until: Instant.nullable(), why: z.string() }),
  'waybill-rollout.resumed': z.strictObject({ step: count, why: z.string() }),
  'waybill-rollout.analysed': z.strictObject({
    step: count,
    measurement: count,
    verdict: z.string(),
    value: z.number().nullable(),
    message: z.string(),
  }),
  'waybill-rollout.returned': z.strictObject({ why: z.string(), durationMs: milliseconds }),
  'waybill-operator.connected': z.strictObject({
    epoch: count,
    software: z.strictObject({ name: z.string(), version: z.string().nullable() }),
  }),
  'waybill-operator.silent': z.strictObject({ epoch: count }),
  'waybill-operator.heard': z.strictObject({ epoch: count }),
} as const;

/** What Waybill knows beyond the vocabulary of CDEvents; a field that does not apply is absent. */
export const FeedData = z
  .strictObject({
    /** The event of the ledger that this one tells of. */
    ledgerEvent: z.strictObject({ id: z.uuid(), type: z.string(), position: z.string().regex(/^\d+$/) }),
    project: z.string().optional(),
    release: z.uuid().optional(),
    trigger: z.string().optional(),
    branch: z.string().optional(),
    tag: z.string().optional(),
    commit: CommitId.optional(),
    pipelineId: z.string().optional(),
    jobId: z.string().optional(),
    attributes: z.record(z.string(), z.string()).optional(),
    /** `<project>.<slot>@<location>`. */
    environment: z.string().optional(),
    slot: z.string().optional(),
    location: z.string().optional(),
    tier: Tier.optional(),
    generation: z.int().min(1).optional(),
    /** Who caused it: an opaque id, never a name. */
    actor: z.strictObject({ kind: z.string(), id: z.string() }),
  })
  .meta({ id: 'FeedData' });
export type FeedData = z.infer<typeof FeedData>;

type Contents = typeof STANDARD & typeof OWN;
/** `<subject>.<predicate>` of an event of the feed. */
export type FeedKind = keyof Contents;
export type ContentOf<Kind extends FeedKind> = z.infer<Contents[Kind]>;

const CONTENTS: Contents = { ...STANDARD, ...OWN };
export const FEED_KINDS = Object.keys(CONTENTS) as FeedKind[];

/** The full type of a CloudEvent and CDEvent of the feed. */
export const typeOf = (kind: FeedKind): string =>
  kind in STANDARD ? `dev.cdevents.${kind}.0.3.0` : `dev.cdeventsx.${kind}.0.1.0`;

function eventSchema<Kind extends FeedKind, Custom extends z.ZodType>(kind: Kind, customData: Custom) {
  return z.strictObject({
    context: z.strictObject({
      specversion: z.literal(CDEVENTS_VERSION),
      id: Id,
      source: UriReference,
      type: z.literal(typeOf(kind)),
      timestamp: z.iso.datetime({ offset: true }),
      schemaUri: Uri.optional(),
      chainId: Id.optional(),
      links: z.array(Link).optional(),
    }),
    subject: z.strictObject({ id: Id, source: UriReference.optional(), content: CONTENTS[kind] }),
    customData,
    customDataContentType: z.string().optional(),
  });
}

/** One event as it stands on the feed. */
export interface FeedEvent {
  readonly context: {
    readonly specversion: typeof CDEVENTS_VERSION;
    readonly id: string;
    readonly source: string;
    readonly type: string;
    /** RFC 3339, when it happened. */
    readonly timestamp: string;
    readonly chainId: string;
    readonly links?: readonly Link[];
  };
  readonly subject: { readonly id: string; readonly content: ContentOf<FeedKind> };
  readonly customData: FeedData;
}

const anyOf = (customData: z.ZodType) => z.union(FEED_KINDS.map((kind) => eventSchema(kind, customData)));

/** Every event of the feed: published as docs/schemas/feed-event.json. */
export const FeedEventSchema = anyOf(FeedData);

/** The same types as anybody may send them: custom data is free. */
export const CdEventSchema = anyOf(z.union([z.record(z.string(), z.unknown()), z.string()]).optional());
