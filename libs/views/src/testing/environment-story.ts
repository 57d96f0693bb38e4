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

  const wanted = (release: string, environment: EnvironmentId, configDigest: string) => ({
    environment,
    order: orders.get(release) ?? 0,
    release,
    ref: { kind: 'branch' as const, name: environment.slot },
    commit: hex('a'),
    deliverable: IMAGE,
    tier: 'dev' as const,
    configDigest,
    desired: hex('e', 64),
  });

  return {
    deploy: (release: string, environment: EnvironmentId, configDigest = hex('c')) =>
      onEnvironment({
        type: 'RequestDeployment',
        data: wanted(release, environment, configDigest),
        context: undefined,
      }),

    copy: (release: string, migratedFrom: EnvironmentId, to: string, counts = false) =>
      onEnvironment({
        type: 'CopyEnvironment',
        data: {
          ...wanted(release, { ...migratedFrom, location: to }, hex('c')),
          migration: 1,
          migratedFrom,
          generation: 1,
          counts,
        },
        context: undefined,
      }),

    refuseCopy: (release: string, environment: EnvironmentId, to: string) =>
      onEnvironment({
        type: 'RefuseCopy',
        data: { environment, migration: 1, to, release, message: 'no resource of that kind' },
        context: undefined,
      }),

    cutOver: (release: string, environment: EnvironmentId, to: string) =>
      onEnvironment({
        type: 'CutOverEnvironment',
        data: { environment, migration: 1, to, release, generation: 1 },
        context: undefined,
      }),

    cutBack: (environment: EnvironmentId, to: string) =>
      onEnvironment({ type: 'CutBackEnvironment', data: { environment, migration: 1, to }, context: undefined }),

    removeMigrated: (release: string, environment: EnvironmentId) =>
      onEnvironment({
        type: 'RemoveMigratedEnvironment',
        data: { environment, migration: 1, release },
        context: undefined,
      }),

    removeCopy: (environment: EnvironmentId) =>
      onEnvironment({ type: 'RemoveCopy', data: { environment, migration: 1 }, context: undefined }),

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
        context: { strategy: 'canary', outcome: null, returned: false, step: 1, of: 3 },
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
