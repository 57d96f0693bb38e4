import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../testing/run-cli.js';
import { type Reply, type StubLedger, startStubLedger } from '../testing/stub-ledger.js';

let stub: StubLedger | undefined;
afterEach(async () => {
  await stub?.close();
  stub = undefined;
});
const answering = async (reply: Reply): Promise<string> => {
  stub = await startStubLedger(() => reply);
  return stub.url;
};

const environment = {
  name: 'a.prod@prod1',
  project: 'a',
  slot: 'prod',
  location: 'prod1',
  state: 'deploying',
  generation: 12,
  current: null,
  lastGood: null,
  running: { generation: 11 },
  drift: null,
  pendingConfig: null,
  rollout: {
    step: 1,
    of: 3,
    weight: 10,
    track: 'green',
    paused: { why: 'step', until: null, since: '2026-11-24T11:58:00.000Z' },
    analysis: {
      step: 1,
      measurement: 2,
      verdict: 'passed',
      value: 0.01,
      message: '0.01 is not above 0.05',
      at: '2026-11-24T11:59:00.000Z',
    },
    directive: {
      directive: 'pause',
      full: false,
      by: { id: 'p-1a2b3c4d', name: 'Anna', login: 'anna' },
      at: '2026-11-24T11:59:30.000Z',
    },
    returned: null,
  },
};
const answer = { data: { directRollout: { environment, position: '14' } } };

describe('a directive', () => {
  it.each([
    [['promote', 'A.prod@prod1'], { directive: 'PROMOTE', full: false }],
    [['promote', 'a.prod@prod1', '--step', '0'], { directive: 'PROMOTE', full: false, step: 0 }],
    [['promote', 'a.prod@prod1', '--full'], { directive: 'PROMOTE', full: true }],
    [['pause', 'a.prod@prod1', '--generation', '12'], { directive: 'PAUSE', full: false, generation: 12 }],
    [['resume', 'a.prod@prod1'], { directive: 'RESUME', full: false }],
    [['abort', 'a.prod@prod1'], { directive: 'ABORT', full: false }],
  ])('%j is sent with a command id of its own', async (args, input) => {
    const url = await answering(answer);
    expect((await runCli(args, { url })).code).toBe(0);
    expect(stub?.calls).toMatchObject([
      {
        operation: 'DirectRollout',
        variables: { input: { name: 'a.prod@prod1', commandId: expect.any(String), ...input } },
      },
    ]);
  });

  it('shows how far the rollout is, what runs meanwhile and who directed it', async () => {
    const url = await answering(answer);
    const { out } = await runCli(['pause', 'a.prod@prod1'], { url });
    expect(out.replace(/ +/g, ' ')).toContain('running: generation 11\n');
    expect(out).toContain('step 1 of 3, 10 % of the traffic, paused until somebody promotes it');
    expect(out).toContain('measurement 2 at step 1 passed: 0.01 is not above 0.05');
    expect(out).toContain('pause by Anna, 2026-11-24T11:59:30.000Z');
  });

  it('is JSON where that is asked for', async () => {
    const url = await answering(answer);
    const { out } = await runCli(['promote', 'a.prod@prod1', '-o', 'json'], { url });
    expect(JSON.parse(out)).toMatchObject({ name: 'a.prod@prod1', rollout: { step: 1, weight: 10 } });
  });

  it('says why it was refused, on stderr alone', async () => {
    const url = await answering({
      errors: [
        {
          message: 'the rollout of a.prod@prod1 was aborted: generation 12 takes no directive any more',
          extensions: { code: 'INVALID_STATE', hint: 'Ask for a new release to try again.' },
        },
      ],
    });
    expect(await runCli(['promote', 'a.prod@prod1'], { url })).toEqual({
      code: 1,
      out: '',
      err:
        'waybill: the rollout of a.prod@prod1 was aborted: generation 12 takes no directive any more\n' +
        'hint: Ask for a new release to try again.\n',
    });
  });
});
