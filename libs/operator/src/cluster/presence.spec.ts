import { afterAll, expect, it } from '@jest/globals';
import type { Report } from '@waybill/channel';
import { gather } from '@waybill/channel/testing';
import { startPresence } from './presence.js';

const stop = new AbortController();
afterAll(() => stop.abort());

function present(capabilities: readonly string[], report: (report: Report) => Promise<void> | void) {
  const quiet = (): void => undefined;
  return startPresence({
    channel: { report: async (it) => report(it) },
    location: 'here',
    epoch: 1,
    software: 'waybill test',
    capabilities,
    standing: () => [],
    signal: stop.signal,
    now: () => new Date(),
    log: { info: quiet, warn: quiet, error: quiet },
    retryDelayMs: () => 1,
  });
}

it('tells in full what stands there each time, as a ledger that was started meanwhile knows of no earlier list', async () => {
  const reports = gather<Report>();
  const presence = present([], (report) => reports.add(report));
  presence.changed();
  await reports.first(2);
  presence.changed();
  const all = await reports.first(3);
  expect(all.flatMap((report) => (report.kind === 'resync' ? [report.environments] : []))).toEqual([[], []]);
});

it('tells what is served by now, also when what it told before arrives late', async () => {
  const reports = gather<Report>();
  let away = true;
  const presence = present(['apps/v1/Deployment'], (report) => {
    if (away) throw new Error('the channel is away');
    return reports.add(report);
  });
  presence.serves(['apps/v1/Deployment', 'example.dev/v1/Widget']);
  away = false;
  const all = await reports.first(2);
  const lists = all.flatMap((report) => (report.kind === 'connected' ? [report.capabilities] : []));
  expect(lists).toEqual(Array(2).fill(['apps/v1/Deployment', 'example.dev/v1/Widget']));
});
