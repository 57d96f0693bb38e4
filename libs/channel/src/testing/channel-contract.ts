import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EnvironmentId, environmentName } from '@waybill/domain';
import { isWaybillError } from '@waybill/kernel';
import type { Channel } from '../channel.js';
import type { DesiredRecord } from '../desired-state.js';
import type { Report } from '../report.js';
import {
  absentRecord,
  connectedReport,
  deploymentReport,
  heartbeatReport,
  presentRecord,
  resyncReport,
} from './examples.js';
import { gather } from './gather.js';

/** One set of durable records with as many channels over it, one after the other, as a test asks for. */
export interface ChannelUnderTest {
  open(): Promise<Channel>;
  dispose(): Promise<void>;
}

const a: EnvironmentId = { project: 'a', slot: 'dev', location: 'here' };
const b: EnvironmentId = { project: 'b', slot: 'dev', location: 'here' };
const elsewhere: EnvironmentId = { project: 'a', slot: 'dev', location: 'there' };

const named = (records: readonly DesiredRecord[]): string[] =>
  records.map(({ environment: { project, location }, generation }) => `${project}@${location}:${generation}`);

/** What every {@link Channel} keeps. `factory` gives a fresh, empty one for each test. */
export function channelContract(name: string, factory: () => Promise<ChannelUnderTest>): void {
  describe(`channel contract: ${name}`, () => {
    let under: ChannelUnderTest;
    let channel: Channel;
    let stop: AbortController;

    beforeEach(async () => {
      under = await factory();
      channel = await under.open();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await channel.close();
      await under.dispose();
    });

    const consume = (location = 'here', over = channel) => {
      const seen = gather<DesiredRecord>();
      const caughtUp = gather<true>();
      const done = over.consumeDesired(
        location,
        { handle: seen.add, onCaughtUp: () => void caughtUp.add(true) },
        stop.signal,
      );
      return { seen, caughtUp: () => caughtUp.first(1), done };
    };

    describe('desired state', () => {
      it('catches up at once where nothing was published', async () => {
        const { seen, caughtUp } = consume();
        await caughtUp();
        expect(seen.all()).toEqual([]);
      });

      it('gives what was retained, then says it has caught up, then what comes', async () => {
        await channel.publish(presentRecord(a, 1));
        await channel.publish(absentRecord(b, 4));
        const { seen, caughtUp } = consume();
        await caughtUp();
        expect(seen.all()).toHaveLength(2);
        expect(seen.all()).toEqual(expect.arrayContaining([presentRecord(a, 1), absentRecord(b, 4)]));
        await channel.publish(presentRecord(a, 2));
        expect((await seen.first(3))[2]).toEqual(presentRecord(a, 2));
      });

      it('ignores a generation that is not above the retained one', async () => {
        await channel.publish(presentRecord(a, 5));
        await channel.publish(presentRecord(a, 4));
        await channel.publish({ ...presentRecord(a, 5), correlationId: 'another' });
        const { seen, caughtUp } = consume();
        await caughtUp();
        await channel.publish(presentRecord(a, 3));
        await channel.publish(presentRecord(a, 6));
        expect(named(await seen.first(2))).toEqual(['a@here:5', 'a@here:6']);
        expect(seen.all()[0]).toEqual(presentRecord(a, 5));
      });

      it('gives the retained generation again when asked to', async () => {
        await channel.publish(presentRecord(a, 1));
        const { seen, caughtUp } = consume();
        await caughtUp();
        await channel.publish(presentRecord(a, 1), { again: true });
        expect(named(await seen.first(2))).toEqual(['a@here:1', 'a@here:1']);
      });

      it('takes the record with the newer directive as newer within a generation, and the newer generation before all', async () => {
        const directed = (generation: number, seq: number): DesiredRecord => ({
          ...presentRecord(a, generation),
          directive: { seq, kind: seq % 2 === 0 ? 'resume' : 'pause', full: false },
        });
        await channel.publish(presentRecord(a, 1));
        await channel.publish(directed(1, 2));
        await channel.publish(directed(1, 1));
        await channel.publish(presentRecord(a, 1), { again: true });
        const { seen, caughtUp } = consume();
        await caughtUp();
        // Kafka gives older records of a key until it has compacted them: what counts is the last one.
        expect(seen.all().at(-1)).toEqual(directed(1, 2));
        const before = seen.all().length;
        await channel.publish(directed(1, 2));
        await channel.publish(directed(1, 3));
        await channel.publish(directed(1, 3), { again: true });
        await channel.publish(presentRecord(a, 2));
        await channel.publish(directed(1, 4));
        await channel.publish(directed(2, 1));
        const told = (await seen.first(before + 4)).slice(before);
        expect(told).toEqual([directed(1, 3), directed(1, 3), presentRecord(a, 2), directed(2, 1)]);
        await channel.close();
        channel = await under.open();
        await channel.publish(directed(2, 1));
        const again = consume('here', channel);
        await again.caughtUp();
        expect(again.seen.all().at(-1)).toEqual(directed(2, 1));
      });

      it('lets a removed environment go, tells its operator, and takes nothing older afterwards', async () => {
        await channel.publish(absentRecord(a, 2));
        await channel.publish(presentRecord(b, 1));
        const retired = gather<string>();
        const seen = gather<DesiredRecord>();
        void channel.consumeDesired('here', { handle: seen.add, retired: retired.add }, stop.signal);
        await seen.first(2);
        await channel.retire(a, 2);
        expect(await retired.first(1)).toEqual(['a.dev@here']);
        await channel.close();
        channel = await under.open();
        await channel.publish(absentRecord(a, 2));
        // Kafka gives what is gone, and that it is gone, until it has compacted the topic: what counts is what is left.
        const left = new Map<string, number>();
        const caughtUp = gather<true>();
        const newer = gather<true>();
        void channel.consumeDesired(
          'here',
          {
            async handle({ environment, generation }) {
              left.set(environmentName(environment), generation);
              if (generation === 3) await newer.add(true);
            },
            async retired(environment) {
              left.delete(environment);
              await Promise.resolve();
            },
            onCaughtUp: () => void caughtUp.add(true),
          },
          stop.signal,
        );
        await caughtUp.first(1);
        expect([...left]).toEqual([['b.dev@here', 1]]);
        await channel.publish(presentRecord(a, 3));
        await newer.first(1);
        expect(left.get('a.dev@here')).toBe(3);
      });

      it('lets nothing go that is newer than what was removed, nor what was never there', async () => {
        await channel.publish(presentRecord(a, 3));
        await channel.retire(a, 2);
        await channel.retire(b, 1);
        const { seen, caughtUp } = consume();
        await caughtUp();
        expect(named(seen.all())).toEqual(['a@here:3']);
        await channel.publish(presentRecord(b, 1));
        expect(named(await seen.first(2))).toEqual(['a@here:3', 'b@here:1']);
      });

      it('keeps the newest generation across a restart', async () => {
        await channel.publish(presentRecord(a, 1));
        await channel.publish(presentRecord(a, 2));
        await channel.close();
        channel = await under.open();
        await channel.publish(presentRecord(a, 1));
        const { seen, caughtUp } = consume();
        await caughtUp();
        expect(seen.all().at(-1)).toEqual(presentRecord(a, 2));
      });

      it('gives live records of one environment in order', async () => {
        const { seen, caughtUp } = consume();
        await caughtUp();
        for (let generation = 1; generation <= 10; generation++) {
          await channel.publish(presentRecord(a, generation));
          await seen.first(generation);
        }
        expect(seen.all().map((record) => record.generation)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      });

      it('gives a record published while the handler runs afterwards, never an older after a newer', async () => {
        const seen: DesiredRecord[] = [];
        const last = gather<true>();
        let release = (): void => undefined;
        const entered = gather<true>();
        void channel.consumeDesired(
          'here',
          {
            async handle(record) {
              seen.push(record);
              if (seen.length === 1) {
                const held = new Promise<void>((resolve) => {
                  release = resolve;
                });
                await entered.add(true);
                await held;
              }
              if (record.generation === 4) await last.add(true);
            },
          },
          stop.signal,
        );
        await channel.publish(presentRecord(a, 1));
        await entered.first(1);
        for (const generation of [2, 3, 4]) await channel.publish(presentRecord(a, generation));
        expect(seen).toHaveLength(1);
        release();
        await last.first(1);
        const generations = seen.map((record) => record.generation);
        expect(generations).toEqual([...new Set(generations)].sort((x, y) => x - y));
        expect(generations.at(-1)).toBe(4);
      });

      it('stops and rejects when the handler rejects, and gives the record again to the next consumer', async () => {
        await channel.publish(presentRecord(a, 1));
        const fault = new Error('no room');
        await expect(channel.consumeDesired('here', { handle: () => Promise.reject(fault) }, stop.signal)).rejects.toBe(
          fault,
        );
        const { seen } = consume();
        expect(await seen.first(1)).toEqual([presentRecord(a, 1)]);
      });

      it('gives a record that was being handled at the restart again', async () => {
        await channel.publish(presentRecord(a, 1));
        await expect(
          channel.consumeDesired('here', { handle: () => Promise.reject(new Error('killed')) }, stop.signal),
        ).rejects.toThrow('killed');
        await channel.close();
        channel = await under.open();
        expect(await consume().seen.first(1)).toEqual([presentRecord(a, 1)]);
      });

      it('keeps locations apart: one that fails does not hold the other', async () => {
        await channel.publish(presentRecord(a, 1));
        await channel.publish(presentRecord(elsewhere, 7));
        await expect(
          channel.consumeDesired('here', { handle: () => Promise.reject(new Error('down')) }, stop.signal),
        ).rejects.toThrow('down');
        const { seen, caughtUp } = consume('there');
        await caughtUp();
        await channel.publish(presentRecord(a, 2));
        await channel.publish(presentRecord(elsewhere, 8));
        expect(named(await seen.first(2))).toEqual(['a@there:7', 'a@there:8']);
      });

      it('refuses a second consumer of a location in words', async () => {
        const { caughtUp } = consume();
        await caughtUp();
        const second = channel.consumeDesired('here', { handle: () => Promise.resolve() }, stop.signal);
        await expect(second).rejects.toThrow(/here already has an operator/);
        await second.catch((error: unknown) => expect(isWaybillError(error, 'INVALID_STATE')).toBe(true));
      });

      it('resolves on abort, waits for the handler, and lets the next consumer in', async () => {
        await channel.publish(presentRecord(a, 1));
        let finished = false;
        await channel.consumeDesired(
          'here',
          {
            async handle() {
              stop.abort();
              await new Promise((resolve) => setImmediate(resolve));
              finished = true;
            },
          },
          stop.signal,
        );
        expect(finished).toBe(true);
        stop = new AbortController();
        expect(await consume().seen.first(1)).toHaveLength(1);
      });

      it('does nothing when the signal is aborted already', async () => {
        stop.abort();
        const { seen, done } = consume();
        await done;
        expect(seen.all()).toEqual([]);
      });

      it('ends consumption when it is closed', async () => {
        const { caughtUp, done } = consume();
        await caughtUp();
        await channel.close();
        await done;
        await expect(channel.publish(presentRecord(a, 1))).rejects.toThrow(/closed/);
      });
    });

    describe('reports', () => {
      it('gives every report with all its fields, in order', async () => {
        const seen = gather<Report>();
        void channel.consumeReports(seen.addAll, stop.signal);
        const sent: Report[] = [
          connectedReport('here', 3),
          heartbeatReport('here', 3),
          resyncReport('here', 3, [presentRecord(a, 1), absentRecord(b, 4)]),
        ];
        for (let seq = 0; seq < 5; seq++) sent.push(deploymentReport(a, 1, seq));
        for (const report of sent) await channel.report(report);
        expect(await seen.first(sent.length)).toEqual(sent);
      });

      it('keeps a report until there is a consumer', async () => {
        const sent = channel.report(deploymentReport(a, 1, 0));
        const seen = gather<Report>();
        void channel.consumeReports(seen.addAll, stop.signal);
        await sent;
        expect(await seen.first(1)).toEqual([deploymentReport(a, 1, 0)]);
      });

      it('gives a report again when the handler rejects, first', async () => {
        const fault = new Error('disk full');
        const consumed = channel.consumeReports(() => Promise.reject(fault), stop.signal);
        const sent = [channel.report(deploymentReport(a, 1, 0)), channel.report(deploymentReport(a, 1, 1))];
        await expect(consumed).rejects.toBe(fault);
        const seen = gather<Report>();
        void channel.consumeReports(seen.addAll, stop.signal);
        await Promise.all(sent);
        expect(await seen.first(2)).toEqual([deploymentReport(a, 1, 0), deploymentReport(a, 1, 1)]);
      });

      it('gives no report again that the handler refused, and goes on behind it', async () => {
        const refusing = gather<Report>();
        const done = new AbortController();
        const first = channel.consumeReports(async (reports) => {
          await refusing.addAll(reports);
          return reports.map((report) => ({ report, problem: 'it is odd' }));
        }, done.signal);
        await channel.report(deploymentReport(a, 1, 0));
        expect(await refusing.first(1)).toEqual([deploymentReport(a, 1, 0)]);
        done.abort();
        await first;
        const seen = gather<Report>();
        void channel.consumeReports(seen.addAll, stop.signal);
        await channel.report(deploymentReport(a, 1, 1));
        expect(await seen.first(1)).toEqual([deploymentReport(a, 1, 1)]);
      });

      it('hands over together what was reported together', async () => {
        const seen = gather<readonly Report[]>();
        void channel.consumeReports(seen.add, stop.signal);
        const sent = [0, 1, 2].map((seq) => deploymentReport(a, 1, seq));
        await Promise.all(sent.map((report) => channel.report(report)));
        expect(await seen.first(1)).toEqual([sent]);
      });

      it('hands over reports of a location only when it is done with those before', async () => {
        let running = 0;
        let most = 0;
        const seen = gather<Report>();
        void channel.consumeReports(async (reports) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          await seen.addAll(reports);
        }, stop.signal);
        for (const seq of [0, 1, 2, 3]) await channel.report(deploymentReport(a, 1, seq));
        await seen.first(4);
        expect(most).toBe(1);
      });

      it('resolves on abort and keeps what was not handled', async () => {
        const before = gather<Report>();
        const first = channel.consumeReports(before.addAll, stop.signal);
        await channel.report(deploymentReport(a, 1, 0));
        await before.first(1);
        stop.abort();
        await first;
        stop = new AbortController();
        const sent = channel.report(deploymentReport(a, 1, 1));
        const seen = gather<Report>();
        void channel.consumeReports(seen.addAll, stop.signal);
        await sent;
        expect(await seen.first(1)).toEqual([deploymentReport(a, 1, 1)]);
      });
    });

    describe('dead letters', () => {
      it('are none where nothing was put aside', async () => {
        expect(await channel.deadLetters()).toEqual([]);
        await expect(channel.retryDeadLetter('7')).rejects.toThrow(/no dead letter 7/);
      });
    });
  });
}
