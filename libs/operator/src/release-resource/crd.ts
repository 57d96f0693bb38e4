import type { KubernetesObject } from '@waybill/adapters';
import type { JsonObject } from '@waybill/kernel';
import { RELEASE_GROUP, RELEASE_KIND, RELEASE_VERSION } from './release.js';

const text = (maxLength: number, more: JsonObject = {}): JsonObject => ({ type: 'string', maxLength, ...more });
const oneOf = (...values: string[]): JsonObject => ({ type: 'string', enum: values });
const whole = (minimum: number, more: JsonObject = {}): JsonObject => ({
  type: 'integer',
  format: 'int64',
  minimum,
  ...more,
});
const instant: JsonObject = { type: 'string', format: 'date-time' };
const label = text(63, { minLength: 1, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' });
const object = (properties: JsonObject, required: string[], more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required,
  ...more,
});
const list = (items: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'array', items, ...more });

/**
 * The API server itself keeps what must never be undone. CEL rules (KEP-2876) are on since Kubernetes 1.25: an older
 * server drops them when the CRD is created, and the operator's own comparison is all there is.
 */
const RULES: readonly { rule: string; message: string }[] = [
  { rule: 'self.generation >= oldSelf.generation', message: 'generation is never lowered' },
  {
    rule: 'self.generation != oldSelf.generation || (has(self.releaseId) ? has(oldSelf.releaseId) && self.releaseId == oldSelf.releaseId : !has(oldSelf.releaseId))',
    message: 'releaseId belongs to its generation: it changes with a higher one only',
  },
  {
    rule: 'self.generation != oldSelf.generation || (has(self.digest) ? has(oldSelf.digest) && self.digest == oldSelf.digest : !has(oldSelf.digest))',
    message: 'digest belongs to its generation: it changes with a higher one only',
  },
  {
    rule: 'self.generation != oldSelf.generation || self.state == oldSelf.state',
    message: 'state belongs to its generation: it changes with a higher one only',
  },
  {
    rule: 'self.project == oldSelf.project && self.slot == oldSelf.slot && self.location == oldSelf.location',
    message: 'project, slot and location say which environment it is: they never change',
  },
];

const SPEC = object(
  {
    project: label,
    slot: label,
    location: label,
    releaseId: text(36, { description: 'Absent for a removal.' }),
    ref: object({ kind: oneOf('branch', 'tag'), name: text(250) }, ['kind', 'name']),
    image: text(500, { description: 'What runs, for people.' }),
    generation: whole(1, { description: "The ledger's generation of the environment." }),
    digest: text(64, { pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the RFC 8785 text of desired.' }),
    state: oneOf('Present', 'Absent'),
    correlationId: text(200),
    causationId: text(200),
    strategy: text(40),
    directive: object(
      {
        seq: whole(1),
        kind: oneOf('promote', 'pause', 'resume', 'abort'),
        full: { type: 'boolean' },
        step: whole(0, { description: 'Of a promote: the step whose pause ends, and no other.' }),
      },
      ['seq', 'kind', 'full'],
      { description: 'The newest order of a person about the rollout of this generation.' },
    ),
    progressDeadlineSeconds: whole(1, {
      default: 600,
      maximum: 86_400,
      description: 'From applied to rolled out; then the generation has failed.',
    }),
    driftPolicy: { ...oneOf('Heal', 'Report'), default: 'Heal' },
    suspend: {
      type: 'boolean',
      default: false,
      description: 'Nothing in the cluster is touched for as long as this is true.',
    },
    desired: {
      type: 'object',
      description: 'The whole desired state (docs/schemas/desired-state.json).',
      'x-kubernetes-preserve-unknown-fields': true,
    },
  },
  ['project', 'slot', 'location', 'generation', 'state', 'correlationId', 'causationId'],
);

const CONDITION = object(
  {
    type: text(316),
    status: oneOf('True', 'False', 'Unknown'),
    observedGeneration: whole(0),
    lastTransitionTime: instant,
    reason: text(1024, { minLength: 1 }),
    message: text(32_768),
  },
  ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
);

const ENTRY = object(
  {
    group: text(253),
    version: text(63),
    kind: text(63),
    namespace: text(63),
    name: text(253),
    uid: text(64, { description: 'Known once it was applied.' }),
    hash: text(64, { description: 'SHA-256 of the object as it was planned last.' }),
  },
  ['group', 'version', 'kind', 'name'],
);

const ACTION = object(
  {
    generation: whole(1),
    releaseId: text(36),
    epoch: whole(0),
    seq: whole(0),
    occurredAt: instant,
    observation: object({ phase: text(40) }, ['phase'], { 'x-kubernetes-preserve-unknown-fields': true }),
  },
  ['generation', 'epoch', 'seq', 'occurredAt', 'observation'],
);

const TRACK = oneOf('blue', 'green');

const TRACKS = object(
  {
    active: TRACK,
    candidate: { ...TRACK, description: 'There while a rollout in steps is under way.' },
    replicas: whole(0, { description: 'What the active track ran with when the candidate came.' }),
    leaving: { type: 'boolean', description: 'A newer generation came: the candidate loses its traffic first.' },
    backAt: instant,
  },
  ['active'],
);

const PROGRESS = object(
  {
    step: whole(0, { description: 'The last shift of traffic; 0 before the first.' }),
    of: whole(1),
    weight: whole(0, { maximum: 100, description: 'Percent of traffic for the candidate.' }),
    upAt: instant,
    beganAt: instant,
    shiftedAt: instant,
    paused: object({ why: oneOf('step', 'directive', 'preview'), until: instant }, ['why']),
    directive: whole(1, { description: 'The newest one that was acted on.' }),
    passed: whole(0, { description: 'The pause of this step is over.' }),
    full: { type: 'boolean' },
    analysis: object({ made: whole(0), failed: whole(0), at: instant }, ['made', 'failed', 'at']),
    unwellSince: instant,
    returning: object(
      {
        why: oneOf('failed', 'aborted', 'analysis'),
        reason: text(100),
        message: text(2000),
        since: instant,
        backAt: instant,
      },
      ['why', 'reason', 'message', 'since'],
    ),
  },
  ['step', 'of', 'weight'],
);

const STATUS = object(
  {
    observedGeneration: whole(0),
    observedLedgerGeneration: whole(0, { description: 'spec.generation that the rest is about.' }),
    step: text(40, { description: 'Where it stands, in one word.' }),
    acceptedAt: instant,
    inventory: list(ENTRY, {
      maxItems: 4000,
      description: 'Every object that may stand because of this Release; written before they are applied.',
    }),
    inventoryHash: text(64),
    appliedHash: text(64),
    appliedAt: instant,
    rolledOutAt: instant,
    prunedAt: instant,
    outcome: object(
      { phase: oneOf('healthy', 'failed', 'rejected', 'removed'), at: instant, reason: text(100), message: text(2000) },
      ['phase', 'at'],
    ),
    delay: object({ attempt: whole(1), reason: text(100), message: text(2000), since: instant }, [
      'attempt',
      'reason',
      'message',
      'since',
    ]),
    drift: object({ paths: list(text(500), { maxItems: 200 }), noticedAt: instant }, ['paths', 'noticedAt']),
    heals: object({ total: whole(0), inARow: whole(0), lastAt: instant }, ['total', 'inARow', 'lastAt']),
    suspended: { type: 'boolean' },
    tracks: TRACKS,
    progress: PROGRESS,
    rollout: text(200, { description: 'How far a rollout in steps has come, and why it waits.' }),
    actions: list(ACTION, { maxItems: 1000, description: 'What the ledger is not known to have heard yet.' }),
    seq: whole(0, { description: 'Number of the newest action.' }),
    reported: object({ generation: whole(1), epoch: whole(0), seq: whole(0) }, ['generation', 'epoch', 'seq']),
    conditions: list(CONDITION, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
  },
  [],
);

const column = (name: string, type: string, jsonPath: string, more: JsonObject = {}): JsonObject => ({
  name,
  type,
  jsonPath,
  ...more,
});

const COLUMNS: JsonObject[] = [
  column('Project', 'string', '.spec.project'),
  column('Slot', 'string', '.spec.slot'),
  column('Image', 'string', '.spec.image', { priority: 1 }),
  column('Generation', 'integer', '.spec.generation'),
  column('Ready', 'string', ".status.conditions[?(@.type=='Ready')].status"),
  column('Reason', 'string', ".status.conditions[?(@.type=='Ready')].reason"),
  column('Step', 'string', '.status.step'),
  column('Weight', 'integer', '.status.progress.weight'),
  column('Rollout', 'string', '.status.rollout'),
  column('Track', 'string', '.status.tracks.active', { priority: 1 }),
  column('Age', 'date', '.metadata.creationTimestamp'),
];

/** The CustomResourceDefinition of Release. `rules: false` leaves the CEL rules out, for servers before 1.25. */
export function releaseCrd({ rules = true }: { rules?: boolean } = {}): KubernetesObject {
  const spec = rules ? { ...SPEC, 'x-kubernetes-validations': RULES as unknown as JsonObject[] } : SPEC;
  const schema = object(
    { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec, status: STATUS },
    ['spec'],
  );
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `releases.${RELEASE_GROUP}` },
    spec: {
      group: RELEASE_GROUP,
      names: {
        kind: RELEASE_KIND,
        listKind: 'ReleaseList',
        plural: 'releases',
        singular: 'release',
        categories: ['waybill'],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: RELEASE_VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}
