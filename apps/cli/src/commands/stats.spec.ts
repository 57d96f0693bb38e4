import { afterEach, describe, expect, it } from '@jest/globals';
import { RELEASE_ID } from '../testing/samples.js';
import { runCli } from '../testing/run-cli.js';
import { type Call, type Reply, type StubLedger, startStubLedger } from '../testing/stub-ledger.js';

let stub: StubLedger | undefined;
afterEach(() => stub?.close());

async function run(reply: (call: Call) => Reply, ...args: string[]) {
  stub = await startStubLedger(reply);
  const ran = await runCli(args, { url: stub.url });
  return { ...ran, variables: stub.calls[0]?.variables };
}

const row = (value: string | null, count: number, p50: number | null) => ({
  keys: [{ by: 'PROJECT', value, principal: null }],
  values: [
    { measure: 'RELEASES', value: count, durations: null },
    {
      measure: 'LEAD_TIME',
      value: p50,
      durations: p50 === null ? null : { count, mean: p50, p50, p90: p50 * 2, p99: p50 * 90 },
    },
  ],
});
const statistics = {
  from: '2026-11-01T00:00:00.000Z',
  to: '2026-12-01T00:00:00.000Z',
  timeZone: 'UTC',
  totalRows: 3,
  rows: [row('shop', 12, 60_000), row(null, 1, null)],
  total: row('', 13, 60_000),
};

describe('waybill stats', () => {
  it('asks for what was named and prints a table', async () => {
    const { out, err, code, variables } = await run(
      () => ({ data: { statistics } }),
      'stats',
      '--measures',
      'releases,lead-time',
      '--by',
      'project',
      '--from',
      '2026-11-01',
      '--time-zone',
      'Europe/Berlin',
      '--filter',
      'tier=prod,lt',
      '--filter',
      'failure!=',
      '--order',
      '-lead-time',
      '--limit',
      '2',
    );
    expect(code).toBe(0);
    expect(variables).toEqual({
      input: {
        measures: ['RELEASES', 'LEAD_TIME'],
        by: ['PROJECT'],
        from: '2026-11-01',
        timeZone: 'Europe/Berlin',
        filter: [
          { dimension: 'TIER', in: ['prod', 'lt'] },
          { dimension: 'FAILURE', notIn: [null] },
        ],
        orderBy: [{ measure: 'LEAD_TIME', descending: true }],
        limit: 2,
        empty: false,
      },
    });
    expect(out).toBe(
      'PROJECT  RELEASES  LEAD TIME\n' + 'shop     12        1 min 0 s / 2 min 0 s / 1 h 30 min\n' + '–        1\n',
    );
    expect(err).toContain('2 of 3 rows');
  });

  it('gives the answer as JSON, and says what a filter looks like', async () => {
    const { out } = await run(() => ({ data: { statistics } }), 'stats', '-o', 'json');
    expect(JSON.parse(out)).toEqual(statistics);
    const { code, err } = await runCli(['stats', '--filter', 'prod'], { url: 'http://127.0.0.1:9' });
    expect(code).toBe(2);
    expect(err).toContain('dimension=value');
  });
});

const number = (value: number | null, rating: string | null = null) => ({
  value,
  rating,
  inferred: 1,
  evidence: {
    totalCount: 4,
    nodes: [
      {
        at: '2026-11-02T00:00:00.000Z',
        value: 7_200_000,
        inferred: true,
        events: ['e1', 'e2'],
        release: { id: RELEASE_ID },
        incident: null,
      },
    ],
  },
});
const dora = {
  definition: {
    name: 'devlake-2023',
    title: 'Apache DevLake',
    source: 'x',
    metrics: [
      { metric: 'LEAD_TIME', defined: true },
      { metric: 'REWORK_RATE', defined: false },
    ],
  },
  from: '2026-11-01T00:00:00.000Z',
  to: '2026-12-01T00:00:00.000Z',
  timeZone: 'UTC',
  metrics: [
    {
      metric: 'LEAD_TIME',
      unit: 'MILLISECONDS',
      words: 'From the first commit …',
      asKnown: number(190_800_000, 'high'),
      asRecorded: number(7_200_000),
    },
    { metric: 'REWORK_RATE', unit: 'SHARE', words: '–', asKnown: number(null), asRecorded: number(null) },
  ],
  corrections: [{}],
};

describe('waybill dora', () => {
  it('prints each number with its rating, what was concluded and what was recorded before a correction', async () => {
    const { out, variables } = await run(
      () => ({ data: { dora } }),
      'dora',
      'shop',
      '--definition',
      'devlake-2023',
      '--evidence',
      'lead-time',
    );
    expect(variables).toEqual({ input: { definition: 'devlake-2023', project: 'shop' }, evidence: 50 });
    expect(out).toContain('lead time    2 d 5 h      high    4   1         2 h 0 min\n');
    expect(out).toContain('rework rate  not defined');
    expect(out).toContain('1 correction of incidents');
    expect(out).toContain('1f0c2a9b');
    expect(out).toContain('e1 e2');
  });

  it('names the metrics that there are', async () => {
    const { code, err } = await run(() => ({ data: { dora } }), 'dora', '--evidence', 'speed');
    expect(code).toBe(2);
    expect(err).toContain('lead_time');
  });
});

describe('waybill incident', () => {
  const incident = {
    id: '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6c',
    project: 'shop',
    environment: null,
    openedAt: '2026-11-02T00:00:00.000Z',
    resolvedAt: null,
    severity: null,
    via: 'graphql',
    key: null,
    url: null,
    summary: 'The basket is empty',
    cause: { id: RELEASE_ID },
    fixedBy: null,
    dismissed: false,
    corrections: 1,
  };

  it('is opened and corrected', async () => {
    const opened = await run(
      () => ({ data: { openIncident: { incident, position: '1' } } }),
      'incident',
      'open',
      'shop',
      '--summary',
      'The basket is empty',
      '--cause',
      '1f0c2a9b',
    );
    expect(opened.variables).toMatchObject({
      input: { project: 'shop', summary: 'The basket is empty', cause: '1f0c2a9b', commandId: expect.any(String) },
    });
    expect(opened.out).toContain('release 1f0c2a9b');
    await stub?.close();
    const corrected = await run(
      () => ({ data: { correctIncident: { incident, position: '2' } } }),
      'incident',
      'correct',
      incident.id,
      '--no-cause',
      '--unresolved',
      '--reason',
      'network',
    );
    expect(corrected.variables).toMatchObject({
      input: { incident: incident.id, cause: null, resolvedAt: null, reason: 'network' },
    });
    expect(corrected.variables).not.toHaveProperty('input.dismissed');
  });

  it('is not corrected by nothing', async () => {
    const { code, err } = await runCli(['incident', 'correct', 'x', '--reason', 'y'], { url: 'http://127.0.0.1:9' });
    expect(code).toBe(2);
    expect(err).toContain('nothing to correct');
  });
});
