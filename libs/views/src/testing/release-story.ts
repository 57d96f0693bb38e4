import { derivedId, type Actor } from '@waybill/kernel';
import {
  presetRules,
  releaseDecider,
  releaseStreamOf,
  type BranchRule,
  type EvaluationContext,
  type Ref,
  type ReleaseCommand,
  type RequestContext,
} from '@waybill/domain';
import { APPROVER, IMAGE, hex } from './samples.js';
import { ADMIN, POLICY, type Tell } from './telling.js';

/** `orders` learns the position of each request. */
export function releaseStory(tell: Tell, orders: Map<string, number>) {
  const onRelease = (command: Pick<ReleaseCommand, 'type' | 'data' | 'context'>, actor: Actor = POLICY) =>
    tell(
      releaseDecider,
      releaseStreamOf(command.data.release),
      command as ReleaseCommand,
      actor,
      derivedId('correlation', command.data.release),
    );

  return {
    async request(
      release: string,
      project: string,
      ref: Ref,
      options: {
        rules?: readonly BranchRule[];
        commit?: string;
        deliverable?: typeof IMAGE | null;
        pipelineId?: string;
        jobId?: string;
        attributes?: Readonly<Record<string, string>>;
      } = {},
    ) {
      const { rules = presetRules('gitflow'), commit = hex('a'), deliverable = IMAGE } = options;
      const { pipelineId = null, jobId = null, attributes = { build: '7' } } = options;
      const context: RequestContext = { rules, rulesRevision: rules.length > 0 ? 4 : null, reused: null };
      const result = await onRelease(
        {
          type: 'RequestRelease',
          data: {
            release,
            project,
            ref,
            commit,
            deliverable,
            trigger: 'push',
            reuses: null,
            source: { via: 'cli', pipelineId, jobId, url: null, attributes },
          },
          context,
        },
        ADMIN,
      );
      orders.set(release, Number(result.events[0]!.position));
      return result;
    },

    provide: (release: string) =>
      onRelease({ type: 'ProvideDeliverable', data: { release, deliverable: IMAGE }, context: undefined }, ADMIN),

    config: (release: string, digest = hex('c')) =>
      onRelease({
        type: 'RecordConfigResolved',
        data: {
          release,
          config: {
            repository: 'https://git.example/config.git',
            directory: 'a/dev',
            fallback: false,
            commit: hex('b'),
            digest,
            contents: hex('d', 64),
            committedAt: null,
            author: null,
          },
        },
        context: undefined,
      }),

    configProblem: (release: string) =>
      onRelease({
        type: 'RecordConfigUnresolved',
        data: {
          release,
          repository: 'https://git.example/config.git',
          directory: 'a/dev',
          problem: 'invalid',
          file: 'a/dev/waybill.yaml',
          line: 3,
          message: 'replicas: not a number',
        },
        context: undefined,
      }),

    evaluate: (release: string, locations: readonly string[], context: Partial<EvaluationContext> = {}) =>
      onRelease({
        type: 'EvaluateRelease',
        data: { release },
        context: {
          missing: [],
          windowOpensAt: null,
          approvers: [APPROVER],
          metadataRevision: 3,
          resources: locations.flatMap((location) => [
            { resource: `kubernetes-${location}`, kind: 'kubernetes' as const, location },
            { resource: `istio-${location}`, kind: 'istio' as const, location },
          ]),
          ...context,
        },
      }),

    approve: (release: string) =>
      onRelease(
        { type: 'ApproveRelease', data: { release }, context: { approvers: [APPROVER] } },
        { kind: 'person', id: APPROVER, roles: [] },
      ),

    refuse: (release: string) =>
      onRelease(
        { type: 'RefuseRelease', data: { release, reason: null }, context: { approvers: [APPROVER] } },
        { kind: 'person', id: APPROVER, roles: [] },
      ),

    cancel: (release: string) =>
      onRelease(
        { type: 'CancelRelease', data: { release, cause: 'requested', reason: null }, context: undefined },
        ADMIN,
      ),

    redirect: (release: string, location: string, to: string) =>
      onRelease({ type: 'RedirectLocation', data: { release, location, to }, context: undefined }),

    conclude: (
      release: string,
      location: string,
      outcome: 'healthy' | 'delivered' | 'failed' | 'rejected' | 'superseded',
      message: string | null = null,
    ) =>
      onRelease({
        type: 'ConcludeLocation',
        data: { release, location, generation: outcome === 'superseded' ? null : 1, outcome, message },
        context: undefined,
      }),
  };
}
