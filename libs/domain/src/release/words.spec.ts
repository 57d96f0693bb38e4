import { describe, expect, it } from '@jest/globals';
import { happened, ruleOf } from '../testing/releases.js';
import { releaseDecider } from './decide.js';
import { Hold, type ReleaseEvent } from './events.js';
import { holdSentence, releaseReason } from './words.js';

const matched = [happened.requested(), happened.matched()];
const ready = [...matched, happened.provided(1), happened.configured(1)];
const staged = [...ready, happened.planned(['dev', 'test'], ['prod']), happened.started(0, 'dev', 'test')];
const reasonOf = (...events: ReleaseEvent[]): string =>
  releaseReason(events.reduce(releaseDecider.evolve, releaseDecider.initialState));

describe('the words for a hold', () => {
  const holds: Hold[] = [
    { kind: 'awaiting-deliverable' },
    { kind: 'awaiting-config' },
    { kind: 'missing-metadata', section: 'developer', field: 'ports', why: 'Istio routes to a port.' },
    { kind: 'config', problem: 'invalid', message: 'waybill.yaml:3: replicas must be a number' },
    { kind: 'window-closed', opensAt: '2026-01-06T08:00:00.000Z' },
    { kind: 'approval-pending', have: 0, need: 1, approvers: ['p-bert0000'] },
    { kind: 'resource-unavailable', resource: 'istio-dev', message: 'it was retired' },
  ];

  it('exist for every kind', () => {
    expect(holds.map((hold) => hold.kind).sort()).toEqual(Hold.options.map((option) => option.shape.kind.value).sort());
    for (const hold of holds) {
      const { message, frees } = holdSentence(hold);
      expect(message).toMatch(/^[A-Z].*[^.]\.$/);
      expect(frees).toMatch(/^[A-Z].*[^.]\.$/);
    }
  });

  it('say what, where and who', () => {
    expect(holdSentence(holds[2]!)).toEqual({
      message: 'The developer metadata lacks ports: Istio routes to a port.',
      frees: expect.stringContaining('role developer'),
    });
    expect(holdSentence({ kind: 'missing-metadata', section: 'business', field: '*', why: 'nobody owns it' })).toEqual({
      message: 'The business metadata was not submitted yet: nobody owns it.',
      frees: expect.stringContaining('role business'),
    });
    expect(holdSentence(holds[3]!).message).toContain('waybill.yaml:3');
    expect(holdSentence(holds[4]!).message).toContain('2026-01-06T08:00:00.000Z');
    expect(holdSentence(holds[5]!)).toEqual({
      message: 'It has 0 of 1 approval.',
      frees: 'Approvers (p-bert0000) approve it: waybill approve <release>.',
    });
  });

  it('tell when nobody can free it as things stand', () => {
    const { frees } = holdSentence({ kind: 'approval-pending', have: 0, need: 2, approvers: ['p-bert0000'] });
    expect(frees).toMatch(/names more approvers/);
  });

  it('tell apart what passes by itself from what must be corrected', () => {
    const freesOf = (problem: Extract<Hold, { kind: 'config' }>['problem']): string =>
      holdSentence({ kind: 'config', problem, message: 'no' }).frees;
    expect(freesOf('unreachable')).toMatch(/tries again by itself/);
    for (const problem of ['missing', 'invalid', 'too-large', 'secret'] as const) {
      expect(freesOf(problem)).toMatch(/commits the correction/);
    }
  });
});

describe('the reason for the state of a release', () => {
  it.each<[string, ReleaseEvent[]]>([
    ['It was not requested.', []],
    ['It was requested; the branch rules are being asked.', [happened.requested()]],
    ['No branch rule matches branch dev.', [happened.requested(), happened.unmatched()]],
    [
      'No branch rule matches branch dev; develop comes closest.',
      [happened.requested(), happened.unmatched({ closest: 'develop' })],
    ],
    [
      'Project a has no branch rules yet.',
      [happened.requested(), happened.unmatched({ reason: 'no-rules', rulesRevision: null })],
    ],
    ['Rule dev matched; what it needs is being gathered.', matched],
    [
      'It waits for its configuration to be read from the config repository. It has 1 of 2 approvals.',
      [
        ...matched,
        happened.held({ kind: 'awaiting-config' }, { kind: 'approval-pending', have: 1, need: 2, approvers: [] }),
      ],
    ],
    ['Stage 1 of 2 is being deployed; waiting for dev, test.', staged],
    ['Stage 1 of 2 is being deployed; waiting for test.', [...staged, happened.concluded('dev', 'healthy')]],
    ['An approver refused it.', [...ready, happened.refused()]],
    ['It was cancelled.', [...ready, happened.cancelled()]],
    [
      'It was cancelled because its branch was deleted.',
      [...ready, happened.cancelled({ cause: 'branch-deleted', by: null })],
    ],
    [
      'dev failed: no answer. test rejected it. Not started: prod.',
      [
        ...staged,
        happened.concluded('dev', 'failed', 'no answer.'),
        happened.concluded('test', 'rejected'),
        happened.failed('dev', 'test'),
      ],
    ],
  ])('%s', (sentence, events) => {
    expect(reasonOf(...events)).toBe(sentence);
  });

  it('never claims more than is known of an outcome', () => {
    const rule = ruleOf({ resources: ['kubernetes-dev', 'kubernetes-test', 'kubernetes-prod'] });
    const started = [
      happened.requested(),
      happened.matched(rule),
      happened.planned(['dev', 'test', 'prod']),
      happened.started(0, 'dev', 'test', 'prod'),
    ];
    const with3 = (...outcomes: Parameters<typeof happened.concluded>[1][]): ReleaseEvent[] => [
      ...started,
      ...outcomes.map((outcome, i) => happened.concluded(['dev', 'test', 'prod'][i]!, outcome)),
    ];
    expect(reasonOf(...with3('healthy', 'healthy', 'healthy'), happened.completed('healthy'))).toBe(
      'Everything is rolled out and healthy.',
    );
    expect(reasonOf(...with3('superseded', 'superseded', 'superseded'), happened.completed('superseded'))).toBe(
      'A newer release took its place everywhere.',
    );
    expect(reasonOf(...with3('healthy', 'delivered', 'superseded'), happened.completed('delivered'))).toBe(
      'Healthy in dev. Delivered to the repository of test; whether it runs is seen there. Superseded in prod.',
    );
    expect(reasonOf(...with3('healthy', 'healthy', 'superseded'), happened.completed('healthy'))).toBe(
      'Healthy in dev, test. Superseded in prod.',
    );
  });
});
