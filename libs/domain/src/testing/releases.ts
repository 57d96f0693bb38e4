import type { Actor, CommandMetadata } from '@waybill/kernel';
import type { EvaluationContext, ReleaseCommand, RequestContext } from '../release/commands.js';
import type { Hold, LocationOutcome, ReleaseEvent, ResolvedConfig } from '../release/events.js';
import type { BranchRule } from '../rules/rule.js';
import type { Deliverable } from '../vocabulary.js';

/** One release of branch `dev` of project `a`, its commands and events, for specs. */
export const RELEASE = '0198b6a0-0000-7000-8000-000000000001';
export const EARLIER = '0198b6a0-0000-7000-8000-000000000002';
const release = RELEASE;

export const ANNA: Actor = { kind: 'person', id: 'p-anna0000', roles: ['developer'] };
export const BERT: Actor = { kind: 'person', id: 'p-bert0000', roles: ['business'] };
export const CLEO: Actor = { kind: 'person', id: 'p-cleo0000', roles: ['business'] };
export const PIPELINE: Actor = { kind: 'service', id: 's-pipeline', roles: ['developer'] };
export const POLICY: Actor = { kind: 'policy', id: 'release', roles: [] };
export const APPROVERS = [ANNA.id, BERT.id, CLEO.id];

export const metadataOf = (actor: Actor): CommandMetadata => ({
  commandId: '0198b6a0-0000-7000-8000-00000000000c',
  actor,
  now: '2026-01-05T10:00:00.000Z',
  correlationId: 'correlation',
  causationId: 'cause',
});

export const commit = (n: number): string => String(n).repeat(40);
export const sha = (n: number): string => String(n).repeat(64);

export const image = (n: number): Deliverable => ({
  kind: 'image',
  image: 'registry.example/a',
  digest: `sha256:${sha(n)}`,
});
export const RPM: Deliverable = { kind: 'rpm', package: 'a', version: '1.0-1' };

export const config = (n: number): ResolvedConfig => ({
  repository: 'https://git.example/config.git',
  directory: 'a/dev',
  fallback: false,
  commit: commit(n),
  digest: commit(n),
  contents: sha(n),
  committedAt: null,
  author: null,
});

export const ruleOf = (changes: Partial<BranchRule> = {}): BranchRule => ({
  name: 'dev',
  kind: 'branch',
  pattern: '^dev$',
  resources: ['kubernetes-dev'],
  tier: 'dev',
  directory: 'dev',
  strategy: { type: 'rolling' },
  approvals: 0,
  stages: [],
  onConfigChange: 'nothing',
  onFailure: 'nothing',
  ...changes,
});

type DataOf<Type extends ReleaseEvent['type']> = Extract<ReleaseEvent, { type: Type }>['data'];

const source = { via: 'cli' as const, pipelineId: null, jobId: null, url: null, attributes: { ticket: 'T-1' } };
const intent = {
  release,
  project: 'a',
  ref: { kind: 'branch' as const, name: 'dev' },
  commit: commit(9),
  deliverable: null,
  trigger: 'push' as const,
  reuses: null,
  source,
};

/** Events, each with what differs from the ordinary. */
export const happened = {
  requested: (changes: Partial<DataOf<'ReleaseRequested'>> = {}): ReleaseEvent => ({
    type: 'ReleaseRequested',
    data: { ...intent, requestedBy: ANNA.id, ...changes },
  }),
  matched: (rule = ruleOf(), slot = 'dev'): ReleaseEvent => ({
    type: 'BranchMatched',
    data: { release, rulesRevision: 4, rule, slot },
  }),
  unmatched: (changes: Partial<DataOf<'BranchUnmatched'>> = {}): ReleaseEvent => ({
    type: 'BranchUnmatched',
    data: { release, rulesRevision: 4, reason: 'no-match', closest: null, ...changes },
  }),
  provided: (n: number): ReleaseEvent => ({ type: 'DeliverableProvided', data: { release, deliverable: image(n) } }),
  configured: (n: number): ReleaseEvent => ({ type: 'ConfigResolved', data: { release, config: config(n) } }),
  misconfigured: (changes: Partial<DataOf<'ConfigUnresolved'>> = {}): ReleaseEvent => ({
    type: 'ConfigUnresolved',
    data: { ...misconfiguration, ...changes },
  }),
  held: (...reasons: Hold[]): ReleaseEvent => ({ type: 'ReleaseHeld', data: { release, reasons } }),
  approved: (approver: Actor, n: number): ReleaseEvent => ({
    type: 'ReleaseApproved',
    data: { release, approver: approver.id, deliverable: image(n), configDigest: commit(n), rulesRevision: 4 },
  }),
  refused: (): ReleaseEvent => ({ type: 'ReleaseRefused', data: { release, by: BERT.id, reason: null } }),
  cancelled: (changes: Partial<DataOf<'ReleaseCancelled'>> = {}): ReleaseEvent => ({
    type: 'ReleaseCancelled',
    data: { release, by: ANNA.id, cause: 'requested', reason: null, ...changes },
  }),
  /** Every location is called as its resource without the kind. */
  planned: (...stages: string[][]): ReleaseEvent => ({
    type: 'ReleasePlanned',
    data: {
      release,
      metadataRevision: 7,
      resources: stages
        .flat()
        .map((location) => ({ resource: `kubernetes-${location}`, kind: 'kubernetes', location })),
      stages,
    },
  }),
  started: (stage: number, ...locations: string[]): ReleaseEvent => ({
    type: 'StageStarted',
    data: { release, stage, locations },
  }),
  concluded: (location: string, outcome: LocationOutcome, message: string | null = null): ReleaseEvent => ({
    type: 'LocationConcluded',
    data: { release, location, generation: outcome === 'superseded' ? null : 1, outcome, message },
  }),
  completed: (outcome: DataOf<'ReleaseCompleted'>['outcome']): ReleaseEvent => ({
    type: 'ReleaseCompleted',
    data: { release, outcome },
  }),
  failed: (...failed: string[]): ReleaseEvent => ({ type: 'ReleaseFailed', data: { release, failed } }),
};

const misconfiguration: DataOf<'ConfigUnresolved'> = {
  release,
  repository: 'https://git.example/config.git',
  directory: 'a/dev',
  problem: 'invalid',
  file: 'waybill.yaml',
  line: 3,
  message: 'replicas must be a number',
};

type CommandData<Type extends ReleaseCommand['type']> = Extract<ReleaseCommand, { type: Type }>['data'];

export const fine: EvaluationContext = {
  missing: [],
  configIsRead: false,
  windowOpensAt: null,
  approvers: APPROVERS,
  metadataRevision: 7,
  resources: [{ resource: 'kubernetes-dev', kind: 'kubernetes', location: 'dev' }],
};

/** Commands, each with what differs from the ordinary. */
export const asks = {
  request: (
    changes: Partial<CommandData<'RequestRelease'>> = {},
    context: Partial<RequestContext> = {},
    actor = ANNA,
  ): ReleaseCommand => ({
    type: 'RequestRelease',
    data: { ...intent, ...changes },
    context: { rules: [ruleOf()], rulesRevision: 4, reused: null, ...context },
    metadata: metadataOf(actor),
  }),
  provide: (deliverable: Deliverable): ReleaseCommand => ({
    type: 'ProvideDeliverable',
    data: { release, deliverable },
    context: undefined,
    metadata: metadataOf(PIPELINE),
  }),
  configure: (n: number): ReleaseCommand => ({
    type: 'RecordConfigResolved',
    data: { release, config: config(n) },
    context: undefined,
    metadata: metadataOf(POLICY),
  }),
  misconfigure: (changes: Partial<CommandData<'RecordConfigUnresolved'>> = {}): ReleaseCommand => ({
    type: 'RecordConfigUnresolved',
    data: { ...misconfiguration, ...changes },
    context: undefined,
    metadata: metadataOf(POLICY),
  }),
  evaluate: (context: Partial<EvaluationContext> = {}): ReleaseCommand => ({
    type: 'EvaluateRelease',
    data: { release },
    context: { ...fine, ...context },
    metadata: metadataOf(POLICY),
  }),
  approve: (actor: Actor, approvers = APPROVERS): ReleaseCommand => ({
    type: 'ApproveRelease',
    data: { release },
    context: { approvers },
    metadata: metadataOf(actor),
  }),
  refuse: (actor: Actor, approvers = APPROVERS): ReleaseCommand => ({
    type: 'RefuseRelease',
    data: { release, reason: null },
    context: { approvers },
    metadata: metadataOf(actor),
  }),
  cancel: (cause: CommandData<'CancelRelease'>['cause'] = 'requested', actor = ANNA): ReleaseCommand => ({
    type: 'CancelRelease',
    data: { release, cause, reason: null },
    context: undefined,
    metadata: metadataOf(actor),
  }),
  conclude: (location: string, outcome: LocationOutcome, message: string | null = null): ReleaseCommand => ({
    type: 'ConcludeLocation',
    data: { release, location, generation: outcome === 'superseded' ? null : 1, outcome, message },
    context: undefined,
    metadata: metadataOf(POLICY),
  }),
};
