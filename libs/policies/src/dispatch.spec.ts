import { expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { environmentName, environmentStreamOf } from '@waybill/domain';
import { RetryableError, WaybillError } from '@waybill/kernel';
import { dispatchDesired } from './dispatch.js';
import { type PolicyProgress, runPolicy } from './run-policy.js';
import { deploymentRequested, environment, releaseId, useHistory } from './testing/history.js';

const history = useHistory();

/** A dispatcher whose channel answers as `fault` says, undefined for yes. */
function dispatching(fault: (record: DesiredRecord) => Error | undefined) {
  const published: DesiredRecord[] = [];
  const policy = dispatchDesired({
    ...history.dependencies,
    contents: { get: () => Promise.resolve('{}') },
    channel: {
      publish(record) {
        const refused = fault(record);
        if (refused) return Promise.reject(refused);
        published.push(record);
        return Promise.resolve();
      },
    },
  });
  return { published, policy };
}

/** Runs it over the log until `done` says so. */
async function run({ policy }: ReturnType<typeof dispatching>, done: (progress: PolicyProgress) => boolean) {
  const stop = new AbortController();
  const saved: string[] = [];
  await runPolicy(policy, {
    store: history.store,
    checkpoints: { load: async () => saved.at(-1), save: async (_name, position) => void saved.push(position) },
    signal: stop.signal,
    onProgress: (progress) => {
      if (done(progress)) stop.abort();
    },
  });
  return saved;
}

const at = (slot: string, location: string) => ({ ...environment, slot, location });

async function asked(where: typeof environment, name: string, generation = 1) {
  const event = deploymentRequested(name, generation, generation);
  return history.given(environmentStreamOf(where), {
    ...event,
    data: { ...event.data, environment: where },
  } as typeof event);
}

const wrong = new WaybillError('CONFIGURATION', 'Topic waybill.desired.dev has cleanup.policy=delete', {
  hint: 'Change the setting.',
});

it('tells every deployment that waits what the channel refuses, in its words, and goes on once that is mended', async () => {
  let tries = 0;
  const dispatcher = dispatching(() => (tries++ < 2 ? wrong : undefined));
  const first = await asked(at('one', 'dev'), 'one');
  const second = await asked(at('two', 'dev'), 'two');
  await run(dispatcher, () => dispatcher.published.length === 2);
  expect(dispatcher.published.map((record) => environmentName(record.environment))).toEqual(['a.one@dev', 'a.two@dev']);
  expect(history.sent).toMatchObject(
    [1, 2].flatMap((attempt) =>
      [first, second].map(({ id }, index) => ({
        type: 'RecordReport',
        data: {
          environment: at(['one', 'two'][index]!, 'dev'),
          generation: 1,
          release: releaseId(['one', 'two'][index]!),
          epoch: 0,
          seq: attempt,
          observation: {
            phase: 'delayed',
            attempt,
            reason: 'ChannelRefused',
            message: 'Topic waybill.desired.dev has cleanup.policy=delete. Change the setting.',
          },
        },
        metadata: { actor: { kind: 'policy', id: 'dispatch-desired' }, causationId: id },
      })),
    ),
  );
  expect(new Set(history.sent.map(({ metadata }) => metadata.commandId)).size).toBe(4);
});

it('holds up nobody but the location that is refused, and forgets nothing of it in a restart', async () => {
  let isMended = false;
  const dispatcher = dispatching((record) => (record.environment.location === 'dev' && !isMended ? wrong : undefined));
  await asked(at('one', 'prod'), 'before');
  const refused = await asked(at('one', 'dev'), 'one');
  await asked(at('one', 'dev'), 'newer', 2);
  await asked(at('one', 'prod'), 'behind', 2);
  await asked(at('two', 'lt'), 'two');
  const reached = (position: string) => (progress: PolicyProgress) =>
    progress.failures >= 2 && dispatcher.published.length === 3 && progress.position === position;
  const saved = await run(dispatcher, reached(refused.position));
  expect(dispatcher.published.map(({ release }) => release)).toEqual(
    expect.arrayContaining([releaseId('before'), releaseId('behind'), releaseId('two')]),
  );
  for (const position of saved) expect(Number(position)).toBeLessThan(Number(refused.position));
  // Whoever begins there sends what is behind it once more, which the channel ignores.
  isMended = true;
  dispatcher.published.length = 0;
  const last = (await history.store.lastPosition())!;
  const next = await run(dispatcher, ({ position, failures }) => failures === 0 && position === last);
  expect(next.at(-1)).toBe(last);
  const inDev = dispatcher.published.filter((record) => record.environment.location === 'dev');
  expect(inDev.map(({ generation }) => generation)).toEqual([1, 2]);
});

it('records nothing of a broker that is away for a while', async () => {
  const away = new RetryableError('STORE_UNAVAILABLE', 'Location dev cannot be written to: connection refused');
  let tries = 0;
  const dispatcher = dispatching(() => (tries++ < 2 ? away : undefined));
  await asked(environment, 'one');
  await run(dispatcher, () => dispatcher.published.length === 1);
  expect(history.sent).toEqual([]);
});
