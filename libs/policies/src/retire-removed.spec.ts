import { expect, it } from '@jest/globals';
import { catalogue, environmentStreamOf } from '@waybill/domain';
import { retireRemoved } from './retire-removed.js';
import { deploymentRequested, environment, useHistory } from './testing/history.js';

const history = useHistory();

it('takes an environment off the channel when it is removed', async () => {
  const retired: unknown[] = [];
  const policy = retireRemoved({
    catalogue,
    channel: { retire: async (...what) => void retired.push(what) },
  });
  const event = await history.given(
    environmentStreamOf(environment),
    deploymentRequested('one', 1, 1),
    {
      type: 'EnvironmentRemovalRequested',
      data: { environment, generation: 2, order: 5, cause: 'branch-deleted' },
    },
    { type: 'EnvironmentRemoved', data: { environment, generation: 2 } },
  );
  expect(policy.handles.has(event.type)).toBe(true);
  await policy.react(event);
  expect(retired).toEqual([[environment, 2]]);
});
