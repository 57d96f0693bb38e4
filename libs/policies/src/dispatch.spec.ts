import { expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { environmentStreamOf } from '@waybill/domain';
import { RetryableError, WaybillError } from '@waybill/kernel';
import { dispatchDesired } from './dispatch.js';
import { deploymentRequested, environment, releaseId, useHistory } from './testing/history.js';

const history = useHistory();

function dispatching(...faults: Error[]) {
  const published: DesiredRecord[] = [];
  const policy = dispatchDesired({
    ...history.dependencies,
    contents: { get: () => Promise.resolve('{}') },
    channel: {
      publish(record) {
        const fault = faults.shift();
        if (fault) return Promise.reject(fault);
        published.push(record);
        return Promise.resolve();
      },
    },
  });
  return { published, policy };
}

it('tells the deployment that waits what the channel refuses, in its words, and goes on once that is mended', async () => {
  const wrong = new WaybillError('CONFIGURATION', 'Topic waybill.desired.dev has cleanup.policy=delete', {
    hint: 'Change the setting.',
  });
  const { policy, published } = dispatching(wrong, wrong);
  const asked = await history.given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
  await expect(policy.react(asked)).rejects.toBe(wrong);
  await expect(policy.react(asked)).rejects.toBe(wrong);
  await policy.react(asked);
  expect(published).toMatchObject([{ generation: 1 }]);
  expect(history.sent).toMatchObject(
    [1, 2].map((attempt) => ({
      type: 'RecordReport',
      data: {
        environment,
        generation: 1,
        release: releaseId('one'),
        epoch: 0,
        seq: attempt,
        observation: {
          phase: 'delayed',
          attempt,
          reason: 'ChannelRefused',
          message: 'Topic waybill.desired.dev has cleanup.policy=delete. Change the setting.',
        },
      },
      metadata: { actor: { kind: 'policy', id: 'dispatch-desired' }, causationId: asked.id },
    })),
  );
  expect(new Set(history.sent.map(({ metadata }) => metadata.commandId)).size).toBe(2);
});

it('records nothing of a broker that is away for a while', async () => {
  const away = new RetryableError('STORE_UNAVAILABLE', 'Location dev cannot be written to: connection refused');
  const { policy } = dispatching(away);
  const asked = await history.given(environmentStreamOf(environment), deploymentRequested('one', 1, 1));
  await expect(policy.react(asked)).rejects.toBe(away);
  expect(history.sent).toEqual([]);
});
