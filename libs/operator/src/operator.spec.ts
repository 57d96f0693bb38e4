import { rename } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { absentRecord, gather, presentRecord } from '@waybill/channel/testing';
import { type OperatorBench, about, held, operatorBench, phases } from './testing/operator-bench.js';

const a = { project: 'a', slot: 'dev', location: 'here' };
const b = { project: 'b', slot: 'dev', location: 'here' };

let at: OperatorBench;
beforeEach(async () => {
  at = await operatorBench();
});
afterEach(() => at.dispose());

describe('an operator', () => {
  it('connects, delivers what is desired and reports each step in order', async () => {
    const record = presentRecord(a, 1);
    await at.channel.publish(record);
    const operator = at.start({ lastEpoch: Date.now() + 1_000_000 });
    const all = await at.heard('delivered');
    const commit = await at.git('rev-parse', 'main');
    expect(all[0]).toMatchObject({
      kind: 'connected',
      location: 'here',
      epoch: operator.epoch,
      software: 'waybill test',
    });
    const told = about(all, a, 1);
    expect(told.map(({ observation }) => observation)).toEqual([
      { phase: 'accepted' },
      expect.objectContaining({
        phase: 'adapted',
        objects: expect.arrayContaining([expect.objectContaining({ kind: 'Deployment', name: 'a--dev' })]),
      }),
      { phase: 'applied', inventoryHash: expect.any(String), commit, durationMs: expect.any(Number) },
      { phase: 'delivered', commit },
    ]);
    expect(told.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(told.every(({ epoch, release }) => epoch === operator.epoch && release === record.release)).toBe(true);
    await operator.stop();
    expect(at.lines.find((line) => line.startsWith('delivered'))).toBe(
      `delivered environment=a.dev@here generation=1 release=${record.release} branch=dev pipelineId=pipeline-1 commit=${commit}`,
    );
  });

  it('takes an epoch above the last one known, whatever the clock says', async () => {
    const operator = at.start({ now: () => new Date(5), lastEpoch: 9 });
    expect(operator.epoch).toBe(10);
    await operator.stop();
  });

  it('reads to the end before it does anything', async () => {
    const caughtUp = gather<() => void>();
    const operator = at.start({
      channel: {
        report: (report) => at.channel.report(report),
        async consumeDesired(_, { handle, onCaughtUp }, signal) {
          await handle(presentRecord(a, 1));
          await handle(presentRecord(b, 1));
          await caughtUp.add(() => onCaughtUp?.());
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
      },
    });
    const [release] = await caughtUp.first(1);
    expect(await operator.checkDrift()).toEqual([]);
    expect(at.reports.all().filter(({ kind }) => kind === 'deployment')).toEqual([]);
    release!();
    expect(phases(about(await at.heard('delivered', 2), b, 1))).toContain('accepted');
  });

  it('lets a newer generation take the place of one that waits', async () => {
    const { deliverer, reached, release } = held(at.delivery(), 'before');
    at.start({ delivery: deliverer });
    await at.channel.publish(presentRecord(a, 1));
    await reached.first(1);
    await at.channel.publish(presentRecord(a, 2));
    await at.channel.publish(presentRecord(a, 3));
    release();
    const all = await at.heard('delivered', 2);
    expect(await at.subjects()).toEqual(['Deploy a.dev@here generation 1', 'Deploy a.dev@here generation 3']);
    expect(about(all, a, 2)).toEqual([]);
  });

  it('tells again, and does not do again, what a killed predecessor had committed', async () => {
    const { deliverer, reached } = held(at.delivery(), 'after');
    await at.channel.publish(presentRecord(a, 1));
    const killed = at.start({ delivery: deliverer });
    await reached.first(1);
    const commit = await at.git('rev-parse', 'main');
    at.killLedger();
    const operator = at.start({ lastEpoch: killed.epoch });
    const told = about(await at.heard('delivered'), a, 1);
    expect(phases(told)).toEqual(['accepted', 'adapted', 'applied', 'delivered']);
    expect(told.at(-1)!.observation).toEqual({ phase: 'delivered', commit });
    expect(operator.epoch).toBeGreaterThan(killed.epoch);
    expect(await at.subjects()).toHaveLength(1);
  });

  it('lands beside another operator that writes to the same repository at the same moment', async () => {
    const elsewhere = (project: string) => ({ project, slot: 'dev', location: 'there' });
    const here = ['a', 'b', 'c'].map((project) => ({ project, slot: 'dev', location: 'here' }));
    const there = ['x', 'y', 'z'].map(elsewhere);
    for (const environment of [...here, ...there]) await at.channel.publish(presentRecord(environment, 1));
    at.start();
    at.start({ location: 'there' });
    await at.heard('delivered', 6);
    expect((await at.subjects()).sort()).toEqual(
      [...here, ...there].map(({ project, location }) => `Deploy ${project}.dev@${location} generation 1`).sort(),
    );
    expect(at.reports.all().filter((r) => r.kind === 'deployment' && r.observation.phase === 'delayed')).toEqual([]);
  });

  it('removes by a commit and says so, once; a restart only says it again', async () => {
    at.start();
    await at.channel.publish(presentRecord(a, 1));
    await at.heard('delivered');
    await at.channel.publish(absentRecord(a, 2));
    const told = about(await at.heard('removed'), a, 2);
    expect(phases(told)).toEqual(['accepted', 'removed']);
    expect(told[1]!.observation).toEqual({ phase: 'removed', commit: await at.git('rev-parse', 'main') });
    expect(await at.files()).toEqual([]);
    await at.restart();
    at.start();
    expect(about(await at.heard('removed'), a, 2).at(-1)!.observation).toEqual(told[1]!.observation);
    expect(await at.subjects()).toHaveLength(2);
  });

  it('tries again what may pass, counts aloud, and gets there', async () => {
    const away = `${at.path}.away`;
    await rename(at.path, away);
    at.start();
    await at.channel.publish(presentRecord(a, 1));
    const delayed = about(await at.heard('delayed', 2), a, 1).filter(
      ({ observation }) => observation.phase === 'delayed',
    );
    expect(delayed.slice(0, 2).map(({ observation }) => observation)).toEqual([
      { phase: 'delayed', attempt: 1, reason: 'GIT_FAILED', message: expect.stringContaining(at.path) },
      { phase: 'delayed', attempt: 2, reason: 'GIT_FAILED', message: expect.stringContaining(at.path) },
    ]);
    await rename(away, at.path);
    expect(phases(about(await at.heard('delivered'), a, 1)).at(-1)).toBe('delivered');
  });

  it.each([
    [
      'a kind without an adapter',
      () =>
        presentRecord(a, 1, (state) => ({
          ...state,
          resources: [{ resource: 'vm-here', kind: 'vm', parameters: {}, connection: null }],
        })),
      'UnsupportedResource',
      /There is no adapter for vm \(vm-here\)\. Take vm-here out of the branch rule/,
    ],
    [
      'a strategy in steps, for which nobody is there',
      () => presentRecord(a, 1, (state) => ({ ...state, strategy: { type: 'blue-green', autoPromote: true } })),
      'UnsupportedStrategy',
      /There is no adapter for the strategy blue-green/,
    ],
    ['another digest', () => ({ ...presentRecord(a, 1), digest: 'f'.repeat(64) }), 'DigestMismatch', /another digest/],
    [
      'another environment inside',
      () => ({ ...presentRecord(a, 1), desired: presentRecord(b, 1).desired }),
      'DigestMismatch',
      /desired state of b\.dev@here/,
    ],
    [
      'a removal with content',
      () => ({ ...presentRecord(a, 1), state: 'absent' as const }),
      'DigestMismatch',
      /is absent with/,
    ],
  ])('rejects %s for good and touches nothing', async (_, record, reason, message) => {
    at.start();
    await at.channel.publish(record());
    const told = about(await at.heard('rejected'), a, 1);
    expect(told.at(-1)!.observation).toEqual({ phase: 'rejected', reason, message: expect.stringMatching(message) });
    expect(phases(told)).not.toContain('applied');
    await at.channel.publish(presentRecord(a, 2));
    await at.heard('delivered');
    expect(await at.subjects()).toEqual(['Deploy a.dev@here generation 2']);
  });

  it('refuses a generation below the one the target holds', async () => {
    at.start();
    await at.channel.publish(presentRecord(a, 5));
    await at.heard('delivered');
    await at.restart({ forget: true });
    at.start();
    await at.channel.publish(presentRecord(a, 4));
    expect(about(await at.heard('rejected'), a, 4).at(-1)!.observation).toMatchObject({ reason: 'LowerGeneration' });
    expect(await at.subjects()).toEqual(['Deploy a.dev@here generation 5']);
  });

  it('finishes and reports the commit that has begun when it is stopped, and begins no other', async () => {
    const { deliverer, reached, release } = held(at.delivery(), 'after');
    const operator = at.start({ delivery: deliverer });
    await at.channel.publish(presentRecord(a, 1));
    await reached.first(1);
    const stopped = operator.stop();
    await at.channel.publish(presentRecord(a, 2));
    release();
    await stopped;
    await operator.done;
    expect(phases(about(at.reports.all(), a, 1))).toEqual(['accepted', 'adapted', 'applied', 'delivered']);
    expect(await at.subjects()).toEqual(['Deploy a.dev@here generation 1']);
  });

  it('ends when the location has an operator already', async () => {
    at.start();
    await at.channel.publish(presentRecord(a, 1));
    await at.heard('delivered');
    const second = at.start();
    await expect(second.done).rejects.toThrow(/already has an operator/);
  });
});
