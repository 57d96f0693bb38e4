import { expect, it } from '@jest/globals';
import type { Report } from '@waybill/channel';
import { gather } from '@waybill/channel/testing';
import { startPresence } from './presence.js';

it('tells in full what stands there each time, as a ledger that was started meanwhile knows of no earlier list', async () => {
  const reports = gather<Report>();
  const stop = new AbortController();
  const quiet = (): void => undefined;
  const presence = startPresence({
    channel: { report: (report) => reports.add(report) },
    location: 'here',
    epoch: 1,
    software: 'waybill test',
    capabilities: [],
    standing: () => [],
    signal: stop.signal,
    now: () => new Date(),
    log: { info: quiet, warn: quiet, error: quiet },
    retryDelayMs: () => 1,
  });
  presence.changed();
  await reports.first(2);
  presence.changed();
  const all = await reports.first(3);
  stop.abort();
  expect(all.flatMap((report) => (report.kind === 'resync' ? [report.environments] : []))).toEqual([[], []]);
});
