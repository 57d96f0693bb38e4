import type { EventStore } from '@waybill/kernel';
import {
  deploymentDecider,
  deploymentStreamOf,
  environmentDecider,
  environmentStreamOf,
  type Directive,
  type EnvironmentCommand,
  type EnvironmentId,
  type Observation,
} from '@waybill/domain';
import { IMAGE, hex } from './samples.js';
import { POLICY, operatorOf, type Tell } from './telling.js';

export function environmentStory(tell: Tell, store: EventStore, orders: ReadonlyMap<string, number>) {
  let reports = 0;
  const onEnvironment = (command: Pick<EnvironmentCommand, 'type' | 'data' | 'context'>) =>
    tell(environmentDecider, environmentStreamOf(command.data.environment), command as EnvironmentCommand, POLICY);

  return {
    deploy: (release: string, environment: EnvironmentId, configDigest = hex('c')) =>
      onEnvironment({
        type: 'RequestDeployment',
        data: {
          environment,
          order: orders.get(release) ?? 0,
          release,
          ref: { kind: 'branch', name: environment.slot },
          commit: hex('a'),
          deliverable: IMAGE,
          tier: 'dev',
          configDigest,
          desired: hex('e', 64),
        },
        context: undefined,
      }),

    remove: async (environment: EnvironmentId) =>
      onEnvironment({
        type: 'RemoveEnvironment',
        data: { environment, order: Number((await store.lastPosition()) ?? 0) + 1, cause: 'requested' },
        context: undefined,
      }),

    confirmRemoval: (environment: EnvironmentId, generation: number) =>
      onEnvironment({ type: 'ConfirmRemoval', data: { environment, generation }, context: undefined }),

    noticeConfig: (environment: EnvironmentId, digest: string) =>
      onEnvironment({
        type: 'NoticeConfigChange',
        data: { environment, directory: 'a/dev', commit: hex('f'), digest, author: null },
        context: undefined,
      }),

    direct: (environment: EnvironmentId, generation: number, directive: Directive['kind']) =>
      onEnvironment({
        type: 'DirectRollout',
        data: { environment, generation, directive, full: false },
        context: { strategy: 'canary', outcome: null, returned: false },
      }),

    report: (environment: EnvironmentId, generation: number, release: string | null, observation: Observation) =>
      tell(
        deploymentDecider,
        deploymentStreamOf(environment, generation),
        {
          type: 'RecordReport',
          data: { environment, generation, release, epoch: 1, seq: (reports += 1), observation },
          context: undefined,
        },
        operatorOf(environment.location),
      ),
  };
}
