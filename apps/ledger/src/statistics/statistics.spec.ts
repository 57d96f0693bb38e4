import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { done, requestRelease, setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';
import { csvCell } from './delimited.js';

const NOW = '2026-11-23T12:00:00.000Z';
const RANGE = { from: '2026-11-23', to: '2026-11-24' };
const ASK = `query ($input: StatisticsInput!) { statistics(input: $input) {
  from to timeZone totalRows
  rows { keys { by value from principal { id } } values { measure value durations { count p50 } } }
  total { values { value } } } }`;

let ledger: RunningLedger;
let analyst: string;
beforeAll(async () => {
  ledger = await startRunningLedger(['api', 'projector'], () => NOW);
  await setUpShop(ledger);
  await done(ledger, 'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { position } }', {
    key: 'other',
    name: 'Other',
  });
  await requestRelease(ledger, { ref: { name: 'dev' }, attributes: { team: '=cmd()' } });
  await requestRelease(ledger, { ref: { name: 'hotfix-1' } });
  await requestRelease(ledger, { project: 'other', ref: { name: 'dev' } });
  const { createToken } = await done<{ createToken: { token: string } }>(
    ledger,
    'mutation ($input: CreateTokenInput!) { createToken(input: $input) { token } }',
    { name: 'reports', roles: ['ANALYST'], project: 'shop' },
  );
  analyst = createToken.token;
}, 60_000);
afterAll(() => ledger.stop());

async function ask(input: object, token?: string) {
  const { data, errors } = await ledger.ask(ASK, { variables: { input }, ...(token ? { token } : {}) });
  return { statistics: data?.['statistics'], errors };
}

const get = (path: string, token: string | null = ledger.adminToken) =>
  fetch(`${ledger.url}${path}`, token === null ? {} : { headers: { authorization: `Bearer ${token}` } });

describe('statistics', () => {
  it('are answered by any dimensions, with who a person is', async () => {
    const { statistics } = await ask({
      ...RANGE,
      measures: ['RELEASES', 'UNMATCHED', 'LEAD_TIME'],
      by: ['PROJECT', 'PERSON'],
    });
    expect(statistics).toMatchObject({
      from: '2026-11-23T00:00:00.000Z',
      to: '2026-11-24T00:00:00.000Z',
      timeZone: 'UTC',
      totalRows: 2,
      rows: [
        {
          keys: [
            { by: 'PROJECT', value: 'shop' },
            { by: 'PERSON', principal: { id: expect.stringMatching(/^[ps]-/) } },
          ],
          values: [
            { measure: 'RELEASES', value: 2 },
            { measure: 'UNMATCHED', value: 1 },
            { measure: 'LEAD_TIME', value: null, durations: null },
          ],
        },
        { keys: [{ value: 'other' }, {}] },
      ],
      total: { values: [{ value: 3 }, { value: 2 }, { value: null }] },
    });
  });

  it('count only what the asker may read', async () => {
    const { statistics } = await ask({ ...RANGE, measures: ['RELEASES'], by: ['PROJECT'] }, analyst);
    expect(statistics).toMatchObject({ totalRows: 1, total: { values: [{ value: 2 }] } });
    const other = { dimension: 'PROJECT', in: ['other'] };
    const { statistics: none } = await ask({ ...RANGE, measures: ['RELEASES'], filter: [other] }, analyst);
    expect(none).toMatchObject({ total: { values: [{ value: 0 }] } });
  });

  it.each([
    [{ measures: ['RELEASES'], from: '2026-02-30' }, /from: there is no such day/],
    [{ measures: ['RELEASES'], timeZone: 'Mars/Olympus' }, /timeZone: there is no time zone "Mars\/Olympus"/],
    [{ measures: ['RELEASES'], from: '1990-01-01', to: '2990-01-01' }, /longer than 20 years/],
    [{ measures: [] }, /measures: give 1 to 10/],
    [{ measures: ['RELEASES'], filter: [{ dimension: 'DAY', in: ['2026-01-01'] }] }, /filter: day is no filter/],
    [{ measures: ['RELEASES'], orderBy: [{ measure: 'RELEASES', by: 'PROJECT' }] }, /orderBy: give either/],
  ])('refuse what cannot be answered with code and path: %#', async (input, words) => {
    const { errors } = await ask(input);
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(words),
        path: ['statistics'],
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', fields: [expect.anything()] }),
      }),
    ]);
  });
});

describe('the export of statistics', () => {
  const path = '/export/statistics?measures=releases,lead_time&from=2026-11-23&to=2026-11-24';

  it('gives all rows as CSV, with nothing that a spreadsheet would run', async () => {
    const answer = await get(`${path}&by=project,team`);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(await answer.text()).toBe(
      'project,team,releases,lead_time_count,lead_time_mean,lead_time_p50,lead_time_p90,lead_time_p99\r\n' +
        'other,,1,,,,,\r\n' +
        "shop,'=cmd(),1,,,,,\r\n" +
        'shop,,1,,,,,\r\n',
    );
  });

  it('gives JSON Lines, filtered', async () => {
    const answer = await get(`${path}&by=outcome&format=jsonl&filter=project=shop&filter=outcome!=open`);
    expect(await answer.text()).toBe('{"outcome":"unmatched","releases":1,"lead_time":null}\n');
  });

  it('is for who may read, and cut to that', async () => {
    expect((await get(path, null)).status).toBe(401);
    expect(await (await get(`${path}&by=project&format=jsonl`, analyst)).text()).toBe(
      '{"project":"shop","releases":2,"lead_time":null}\n',
    );
  });

  it.each([
    'measures=nonsense',
    'measures=releases&from=2026-02-30',
    'measures=releases&wat=1',
    'by=project',
    'measures=releases&filter=x',
  ])('refuses %s with code and field', async (query) => {
    const answer = await get(`/export/statistics?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT', fields: [{}] } }] });
  });

  it('quotes what CSV would cut', () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(csvCell('-1+1')).toBe("'-1+1");
    expect(csvCell(-1)).toBe('-1');
    expect(csvCell(null)).toBe('');
  });
});
