import { describe, expect, it } from '@jest/globals';
import { isWaybillError } from '@waybill/kernel';
import { DesiredRecord } from '../desired-state.js';
import { Report } from '../report.js';
import { channelContract } from '../testing/channel-contract.js';
import {
  absentRecord,
  connectedReport,
  deploymentReport,
  heartbeatReport,
  presentRecord,
  resyncReport,
} from '../testing/examples.js';
import { gather } from '../testing/gather.js';
import { createInProcessChannel } from './in-process-channel.js';
import { createMemoryRetained } from './memory-retained.js';

const a = { project: 'a', slot: 'dev', location: 'here' };

channelContract('in-process', () => {
  const retained = createMemoryRetained();
  return Promise.resolve({
    open: () => Promise.resolve(createInProcessChannel({ retained })),
    dispose: () => Promise.resolve(),
  });
});

describe('the in-process channel', () => {
  it('resolves a report only when the ledger has recorded it', async () => {
    const channel = createInProcessChannel({ retained: createMemoryRetained() });
    const steps: string[] = [];
    const sent = channel.report(deploymentReport(a, 1, 0)).then(() => steps.push('resolved'));
    const stop = new AbortController();
    const consumed = channel.consumeReports(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push('recorded');
    }, stop.signal);
    await sent;
    expect(steps).toEqual(['recorded', 'resolved']);
    stop.abort();
    await consumed;
  });

  it('tells a waiting operator when it is closed before the report was recorded', async () => {
    const channel = createInProcessChannel({ retained: createMemoryRetained() });
    const sent = channel.report(deploymentReport(a, 1, 0));
    const told = expect(sent).rejects.toThrow(/closed before the report was recorded/);
    await channel.close();
    await told;
    await expect(channel.report(connectedReport('here', 1))).rejects.toThrow(/closed/);
  });

  it('refuses a second consumer of reports in words', async () => {
    const channel = createInProcessChannel({ retained: createMemoryRetained() });
    const stop = new AbortController();
    const first = channel.consumeReports(() => Promise.resolve(), stop.signal);
    await channel
      .consumeReports(() => Promise.resolve(), stop.signal)
      .then(
        () => expect('a second consumer').toBe('refused'),
        (error: unknown) => expect(isWaybillError(error, 'INVALID_STATE')).toBe(true),
      );
    stop.abort();
    await first;
  });

  it('records reports of two locations beside each other', async () => {
    const channel = createInProcessChannel({ retained: createMemoryRetained() });
    const stop = new AbortController();
    const there = gather<Report>();
    const consumed = channel.consumeReports(async ([report]) => {
      if (report?.kind === 'connected' && report.location === 'here') await there.first(1);
      else await there.add(report!);
    }, stop.signal);
    await Promise.all([channel.report(connectedReport('here', 1)), channel.report(connectedReport('there', 1))]);
    stop.abort();
    await consumed;
    expect(there.all()).toHaveLength(1);
  });

  it('gives only the newest generation when several came in while the handler ran', async () => {
    const channel = createInProcessChannel({ retained: createMemoryRetained() });
    const stop = new AbortController();
    const seen = gather<number>();
    const held = gather<true>();
    const consumed = channel.consumeDesired(
      'here',
      {
        async handle(record) {
          await seen.add(record.generation);
          if (record.generation === 1) await held.first(1);
        },
      },
      stop.signal,
    );
    await channel.publish(presentRecord(a, 1));
    await seen.first(1);
    await channel.publish(presentRecord(a, 2));
    await channel.publish(absentRecord(a, 3));
    await held.add(true);
    expect(await seen.first(2)).toEqual([1, 3]);
    stop.abort();
    await consumed;
  });

  it('has examples that pass the published schemas', () => {
    for (const record of [presentRecord(a, 1), absentRecord(a, 2)]) expect(DesiredRecord.parse(record)).toEqual(record);
    for (const report of [
      connectedReport('here', 1),
      heartbeatReport('here', 1),
      resyncReport('here', 1, [presentRecord(a, 1), absentRecord(a, 2)]),
      deploymentReport(a, 1, 0),
    ]) {
      expect(Report.parse(report)).toEqual(report);
    }
  });
});
