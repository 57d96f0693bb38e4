import type { CommandMetadata } from '@waybill/kernel';
import type { EvaluationContext, ReleaseCommand, RequestContext, ResolvedConfig } from '@waybill/domain';
import fc from 'fast-check';
import { approvers, commit, commits, deliverables, digest, digests, metadata, refs, rule, uuid } from './values.js';

const release = uuid(1);

const configs: fc.Arbitrary<ResolvedConfig> = fc.integer({ min: 1, max: 2 }).map((n) => ({
  repository: 'https://git.example/config.git',
  directory: 'a/dev',
  fallback: n === 2,
  commit: commit(n),
  digest: commit(n),
  contents: digest(n),
  committedAt: null,
  author: null,
}));

const rules = fc
  .record({
    approvals: fc.integer({ min: 0, max: 2 }),
    stages: fc.constantFrom<string[][][]>([], [['dev'], ['prod']], [['prod']], [['elsewhere'], ['dev', 'prod']]),
    resources: fc.constantFrom<string[][]>(
      ['kubernetes-dev'],
      ['kubernetes-dev', 'apig-prod'],
      ['apig-prod', 'istio-dev'],
    ),
  })
  .map((changes) => [rule(changes), rule({ ...changes, name: 'tag', kind: 'tag', pattern: null })]);

const requestContexts: fc.Arbitrary<RequestContext> = fc.record({
  rules: fc.oneof({ weight: 9, arbitrary: rules }, fc.constant([])),
  rulesRevision: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.constant(null)),
  reused: fc.option(
    fc.record({
      deliverable: fc.option(deliverables),
      config: fc.option(configs),
      metadataRevision: fc.option(fc.integer({ min: 0, max: 5 })),
    }),
    { freq: 3 },
  ),
});

const requests = fc
  .record({
    context: requestContexts,
    metadata,
    data: fc.record({
      ref: fc.oneof({ weight: 4, arbitrary: fc.constant({ kind: 'branch' as const, name: 'dev' }) }, refs),
      commit: commits,
      deliverable: fc.option(deliverables),
      trigger: fc.constantFrom('push' as const, 'manual' as const, 'retry' as const, 'rollback' as const),
    }),
  })
  .map(({ data, context, metadata }): ReleaseCommand => {
    const source = { via: 'cli' as const, pipelineId: null, jobId: null, url: null, attributes: {} };
    const reuses = context.reused ? uuid(9) : null;
    return { type: 'RequestRelease', data: { release, project: 'a', reuses, source, ...data }, context, metadata };
  });

const resource = (name: 'kubernetes-dev' | 'istio-dev' | 'apig-prod'): EvaluationContext['resources'][number] => {
  const [kind, location] = name.split('-') as ['kubernetes' | 'istio' | 'apig', string];
  return { resource: name, kind, location };
};
const ALL_RESOURCES = [resource('kubernetes-dev'), resource('istio-dev'), resource('apig-prod')];

const evaluationContexts: fc.Arbitrary<EvaluationContext> = fc.record({
  missing: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.constant([{ section: 'developer' as const, field: 'ports', rules: ['dev'], why: 'no port' }]),
  ),
  configIsRead: fc.boolean(),
  windowOpensAt: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constant('2026-01-06T08:00:00.000Z')),
  approvers,
  metadataRevision: fc.integer({ min: 0, max: 5 }),
  resources: fc.oneof(
    { weight: 4, arbitrary: fc.constant(ALL_RESOURCES) },
    fc.constant([{ resource: 'kubernetes-dev', unavailable: 'it was retired' }]),
    fc.constant([]),
  ),
});

const plain = <C extends ReleaseCommand>(
  type: C['type'],
  data: fc.Arbitrary<Omit<C['data'], 'release'>>,
  context: fc.Arbitrary<C['context']>,
): fc.Arbitrary<ReleaseCommand> =>
  fc
    .record({ data, context, metadata })
    .map(
      ({
        data,
        context,
        metadata,
      }: {
        data: Omit<C['data'], 'release'>;
        context: C['context'];
        metadata: CommandMetadata;
      }) => ({ type, data: { release, ...data }, context, metadata }) as unknown as ReleaseCommand,
    );

type Of<Type extends ReleaseCommand['type']> = Extract<ReleaseCommand, { type: Type }>;
const none = fc.constant(undefined);
const perhaps = fc.option(evaluationContexts, { nil: undefined });
const nothing = fc.constant({});
const reasons = fc.option(digests);

export const releaseCommands: fc.Arbitrary<readonly ReleaseCommand[]> = fc
  .tuple(
    fc.oneof({ weight: 19, arbitrary: requests.map((request) => [request]) }, fc.constant([])),
    fc.array(
      fc.oneof(
        { weight: 1, arbitrary: requests },
        {
          weight: 4,
          arbitrary: plain<Of<'ProvideDeliverable'>>(
            'ProvideDeliverable',
            fc.record({ deliverable: deliverables }),
            perhaps,
          ),
        },
        {
          weight: 4,
          arbitrary: plain<Of<'RecordConfigResolved'>>('RecordConfigResolved', fc.record({ config: configs }), perhaps),
        },
        {
          weight: 1,
          arbitrary: plain<Of<'RecordConfigUnresolved'>>(
            'RecordConfigUnresolved',
            fc.record({
              repository: fc.constant('https://git.example/config.git'),
              directory: fc.option(fc.constant('a/dev')),
              problem: fc.constantFrom('missing', 'invalid', 'unreachable', 'too-large', 'secret'),
              file: fc.option(fc.constant('waybill.yaml')),
              line: fc.option(fc.integer({ min: 1, max: 9 })),
              message: fc.constant('replicas: must be a number'),
            }),
            perhaps,
          ),
        },
        { weight: 8, arbitrary: plain<Of<'EvaluateRelease'>>('EvaluateRelease', nothing, evaluationContexts) },
        { weight: 4, arbitrary: plain<Of<'ApproveRelease'>>('ApproveRelease', nothing, fc.record({ approvers })) },
        {
          weight: 1,
          arbitrary: plain<Of<'RefuseRelease'>>(
            'RefuseRelease',
            fc.record({ reason: reasons }),
            fc.record({ approvers }),
          ),
        },
        {
          weight: 1,
          arbitrary: plain<Of<'CancelRelease'>>(
            'CancelRelease',
            fc.record({ cause: fc.constantFrom('requested', 'branch-deleted'), reason: reasons }),
            none,
          ),
        },
        {
          weight: 2,
          arbitrary: plain<Of<'RedirectLocation'>>(
            'RedirectLocation',
            fc.record({ location: fc.constantFrom('dev', 'prod'), to: fc.constantFrom('prod', 'prod3') }),
            none,
          ),
        },
        {
          weight: 8,
          arbitrary: plain<Of<'ConcludeLocation'>>(
            'ConcludeLocation',
            fc.record({
              location: fc.constantFrom('dev', 'prod', 'dev', 'prod', 'prod3'),
              generation: fc.option(fc.integer({ min: 1, max: 3 })),
              outcome: fc.constantFrom('healthy', 'delivered', 'failed', 'rejected', 'superseded', 'cancelled'),
              message: fc.option(fc.constant('no answer')),
            }),
            none,
          ),
        },
      ),
      { maxLength: 25 },
    ),
  )
  .map(([first, others]) => [...first, ...others]);
