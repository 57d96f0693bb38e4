import { describe, expect, it } from '@jest/globals';
import type { Report } from '@waybill/channel';
import { gather, presentRecord } from '@waybill/channel/testing';
import { createReporter } from './reporter.js';

const record = presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1);

function reporting() {
  const heard = gather<Report>();
  const stopping = new AbortController();
  const reporter = createReporter({
    channel: { report: heard.add },
    location: 'here',
    epoch: 1,
    now: () => new Date('2026-11-24T12:00:00.000Z'),
    stopping: stopping.signal,
  });
  return { heard, reporter };
}

const phases = (reports: readonly Report[]): unknown[] =>
  reports.map((report) => (report.kind === 'deployment' ? report.observation.phase : report.kind));

describe('a reporter', () => {
  it('hands over what was noted with the next report, in order', async () => {
    const { heard, reporter } = reporting();
    const noted = [reporter.note(record, { phase: 'accepted' }), reporter.note(record, { phase: 'healthy' })];
    expect(heard.all()).toEqual([]);
    await reporter.send(record, { phase: 'healed', commit: null });
    expect(phases(heard.all())).toEqual(['accepted', 'healthy', 'healed']);
    expect(heard.all().map((report) => report.kind === 'deployment' && report.seq)).toEqual([0, 1, 2]);
    await Promise.all(noted);
  });

  it('does not keep what was noted to itself when nothing follows', async () => {
    const { heard, reporter } = reporting();
    await reporter.note(record, { phase: 'accepted' });
    expect(phases(heard.all())).toEqual(['accepted']);
  });
});
