import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { done, requestRelease, setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

const OPEN = 'mutation ($input: OpenIncidentInput!) { openIncident(input: $input) { incident { id } position } }';
const CAUSE =
  'mutation ($input: NameIncidentCauseInput!) { nameIncidentCause(input: $input) { incident { cause { id } } } }';
const RESOLVE =
  'mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { incident { resolvedAt } } }';
const CORRECT =
  'mutation ($input: CorrectIncidentInput!) { correctIncident(input: $input) { incident { corrections dismissed } } }';
const INCIDENT = `query ($id: ID!) { incident(id: $id) { project environment openedAt resolvedAt severity via key url summary
  dismissed cause { id } versions { type eventId cause reason } } }`;

let ledger: RunningLedger;
let release: string;
let tokens: Record<'devops' | 'analyst' | 'other', string>;
beforeAll(async () => {
  ledger = await startRunningLedger();
  await setUpShop(ledger);
  await done(ledger, 'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { position } }', {
    key: 'other',
    name: 'Other',
  });
  release = await requestRelease(ledger, { ref: { kind: 'TAG', name: 'v1' } });
  const token = async (role: string, project: string) =>
    (
      await done<{ createToken: { token: string } }>(
        ledger,
        'mutation ($input: CreateTokenInput!) { createToken(input: $input) { token } }',
        { name: `${role} of ${project}`, roles: [role], project },
      )
    ).createToken.token;
  tokens = {
    devops: await token('DEVOPS', 'shop'),
    analyst: await token('ANALYST', 'shop'),
    other: await token('DEVOPS', 'other'),
  };
}, 60_000);
afterAll(() => ledger.stop());

const post = async (path: string, body: unknown, token: string | null = tokens.devops, type = 'application/json') => {
  const response = await fetch(`${ledger.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const find = async (id: unknown) => {
  const { data } = await ledger.ask(INCIDENT, {
    variables: { id },
    headers: { 'waybill-read-after': String(await ledger.process.parts.store.lastPosition()) },
  });
  return data?.['incident'] as Record<string, unknown> | null;
};

describe('an incident over GraphQL', () => {
  it('is opened, explained, ended and corrected, and every word of it stays to be seen', async () => {
    const opened = await done<{ openIncident: { incident: { id: string } } }>(
      ledger,
      OPEN,
      { project: 'Shop', openedAt: '2026-11-23T10:00:00Z', summary: 'The basket is empty', severity: 'critical' },
      tokens.devops,
    );
    const { id } = opened.openIncident.incident;
    await done(ledger, CAUSE, { incident: id, release: release.slice(0, 8) }, tokens.devops);
    await done(ledger, RESOLVE, { incident: id, resolvedAt: '2026-11-23T10:30:00Z' }, tokens.devops);
    await done(ledger, CORRECT, { incident: id, cause: null, reason: 'It was the network' }, tokens.devops);
    expect(await find(id)).toMatchObject({
      project: 'shop',
      openedAt: '2026-11-23T10:00:00.000Z',
      resolvedAt: '2026-11-23T10:30:00.000Z',
      severity: 'critical',
      via: 'graphql',
      summary: 'The basket is empty',
      cause: null,
      versions: [
        { type: 'IncidentOpened', cause: null },
        { type: 'IncidentCaused', cause: release },
        { type: 'IncidentResolved', cause: release },
        { type: 'IncidentCorrected', cause: null, reason: 'It was the network' },
      ],
    });
    const { data } = await ledger.ask('query ($id: ID!) { incident(id: $id) { versions { eventId } } }', {
      variables: { id },
    });
    const event = (data as { incident: { versions: { eventId: string }[] } }).incident.versions[3]!.eventId;
    const why = await ledger.ask('query ($s: String!) { why(subject: $s) { steps { sentence } } }', {
      variables: { s: event },
    });
    expect(JSON.stringify(why.data)).toContain('It was the network');
  });

  it('is refused to who only reads, and to who has a say in another project', async () => {
    const attempt = async (token: string) =>
      (await ledger.ask(OPEN, { variables: { input: { project: 'shop' } }, token })).errors[0]?.extensions.code;
    expect(await attempt(tokens.analyst)).toBe('FORBIDDEN');
    expect(await attempt(tokens.other)).toBe('FORBIDDEN');
  });

  it.each([
    [OPEN, { project: 'nope' }, 'NOT_FOUND', /no project/],
    [OPEN, { project: 'shop', openedAt: '2099-01-01T00:00:00Z' }, 'BAD_USER_INPUT', /future/],
    [OPEN, { project: 'shop', environment: 'somewhere' }, 'BAD_USER_INPUT', /environment/],
    [OPEN, { project: 'shop', cause: '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b' }, 'BAD_USER_INPUT', /no release/],
    [RESOLVE, { incident: '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b' }, 'NOT_FOUND', /no incident/],
    [CORRECT, { incident: 'nonsense', dismissed: true }, 'BAD_USER_INPUT', /incident/],
  ])('says what is wrong with a command: %#', async (mutation, input, code, words) => {
    const { errors } = await ledger.ask(mutation, { variables: { input } });
    expect(errors[0]).toMatchObject({ message: expect.stringMatching(words), extensions: { code } });
  });
});

describe('an incident over the plain webhook', () => {
  const told = { key: 'OPS-1', project: 'shop', openedAt: '2026-11-23T10:00:00Z', url: 'https://ops.example/1' };

  it('is told twice and recorded once, then resolved', async () => {
    const first = await post('/incidents', told);
    expect(first.status).toBe(200);
    expect(await post('/incidents', { ...told, cause: release })).toEqual(first);
    await post('/incidents', { ...told, resolvedAt: '2026-11-23T11:00:00+01:00' });
    await post('/incidents', { ...told, resolvedAt: '2026-11-23T12:00:00Z' });
    expect(await find(first.body['incident'])).toMatchObject({
      via: 'webhook',
      key: 'OPS-1',
      url: 'https://ops.example/1',
      cause: { id: release },
      resolvedAt: '2026-11-23T10:00:00.000Z',
      versions: [{}, {}, {}],
    });
  });

  it.each([
    [{ ...told, key: '' }, 400, 'INVALID_INPUT'],
    [{ ...told, openedAt: '2026-02-30T00:00:00Z' }, 400, 'INVALID_INPUT'],
    [{ ...told, project: undefined }, 400, 'INVALID_INPUT'],
    [{ ...told, project: 'nope' }, 404, 'NOT_FOUND'],
    [{ ...told, wat: 1 }, 400, 'INVALID_INPUT'],
    [[], 400, 'INVALID_INPUT'],
  ])('refuses %j', async (body, status, code) => {
    expect(await post('/incidents', body)).toMatchObject({ status, body: { errors: [{ extensions: { code } }] } });
  });

  it('needs a token that may record', async () => {
    expect((await post('/incidents', told, null)).status).toBe(401);
    expect((await post('/incidents', told, 'wb_nonsense')).status).toBe(401);
    expect((await post('/incidents', told, tokens.analyst)).status).toBe(403);
    expect((await post('/incidents', told, tokens.other)).status).toBe(403);
  });
});

describe('incidents of Alertmanager', () => {
  const alert = (fingerprint: string, labels: Record<string, string>, changes: Record<string, unknown> = {}) => ({
    status: 'firing',
    labels: { alertname: 'ErrorRate', severity: 'page', ...labels },
    annotations: { summary: 'Too many errors' },
    startsAt: '2026-11-23T10:00:00.123Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'https://prometheus.example/graph',
    fingerprint,
    ...changes,
  });
  const message = (...alerts: unknown[]) => ({
    version: '4',
    groupKey: '{}',
    status: 'firing',
    receiver: 'waybill',
    alerts,
  });

  it('are recorded by fingerprint and beginning, and those without a project do not hold up others', async () => {
    const { status, body } = await post(
      '/incidents/alertmanager',
      message(alert('f1', { environment: 'shop.prod@prod1' }), alert('f2', {}), alert('f3', { project: 'other' })),
    );
    expect(status).toBe(200);
    const outcomes = body['alerts'] as { incident: string | null; problem: string | null }[];
    expect(outcomes.map(({ problem }) => problem)).toEqual([
      null,
      expect.stringMatching(/of which project/),
      expect.stringMatching(/needs the role/),
    ]);
    expect(await find(outcomes[0]?.incident)).toMatchObject({
      via: 'alertmanager',
      environment: 'shop.prod@prod1',
      severity: 'page',
      summary: 'ErrorRate\nToo many errors',
      resolvedAt: null,
    });
    await post(
      '/incidents/alertmanager',
      message(alert('f1', { project: 'shop' }, { status: 'resolved', endsAt: '2026-11-23T10:20:00Z' })),
    );
    expect(await find(outcomes[0]?.incident)).toMatchObject({ resolvedAt: '2026-11-23T10:20:00.000Z' });
    const again = await post(
      '/incidents/alertmanager',
      message(alert('f1', { project: 'shop' }, { startsAt: '2026-11-23T11:00:00Z' })),
    );
    expect((again.body['alerts'] as { incident: string }[])[0]?.incident).not.toBe(outcomes[0]?.incident);
  });

  it('are refused in another version', async () => {
    expect((await post('/incidents/alertmanager', { version: '3', alerts: [] })).status).toBe(400);
  });
});

describe('incidents of CDEvents', () => {
  const event = (predicate: string, content: object, version = '0.3.0') => ({
    context: {
      specversion: '0.5.1',
      id: `${predicate}-1`,
      source: '/monitoring',
      type: `dev.cdevents.incident.${predicate}.${version}`,
      timestamp: predicate === 'resolved' ? '2026-11-23T10:45:00Z' : '2026-11-23T10:15:00Z',
    },
    subject: { id: 'incident-123', content },
    customData: { release },
  });
  const where = { environment: { id: 'shop.prod@prod1' } };

  it('are detected, reported and resolved, in either version and mode', async () => {
    const detected = await post('/incidents/cdevents', event('detected', { ...where, description: 'Slow' }));
    expect(detected.status).toBe(200);
    const reported = await post(
      '/incidents/cdevents',
      event('reported', { ...where, ticketURI: 'https://tickets.example/1' }, '0.2.0'),
    );
    expect(reported).toEqual(detected);
    const structured = {
      specversion: '1.0',
      id: '1',
      source: '/monitoring',
      type: 'x',
      data: event('resolved', where),
    };
    expect(
      await post('/incidents/cdevents', structured, tokens.devops, 'application/cloudevents+json; charset=UTF-8'),
    ).toEqual(detected);
    expect(await find(detected.body['incident'])).toMatchObject({
      via: 'cdevents',
      key: 'incident-123',
      summary: 'Slow',
      openedAt: '2026-11-23T10:15:00.000Z',
      resolvedAt: '2026-11-23T10:45:00.000Z',
      cause: { id: release },
    });
  });

  it('are refused when they are something else, or somewhere else', async () => {
    const other = event('detected', where);
    const deployed = { ...other, context: { ...other.context, type: 'dev.cdevents.service.deployed.0.3.0' } };
    expect((await post('/incidents/cdevents', deployed)).status).toBe(400);
    expect((await post('/incidents/cdevents', event('detected', { environment: { id: 'production' } }))).status).toBe(
      400,
    );
  });
});

describe('DORA over GraphQL', () => {
  const DORA = `query ($input: DoraInput) { dora(input: $input) { definition { name metrics { metric defined } }
    corrections { type } metrics { metric unit words
      asKnown { value rating inferred evidence(first: 1) { totalCount nodes { at inferred events release { id } incident { id } } } }
      asRecorded { value } } } }`;

  it('answers with the words of the definition, both numbers and the events behind them', async () => {
    const { data, errors } = await ledger.ask(DORA, {
      variables: { input: { definition: 'devlake-2023', from: '2026-11-01', to: '2026-12-01', project: 'shop' } },
    });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      dora: {
        definition: { name: 'devlake-2023' },
        corrections: [{ type: 'IncidentCorrected' }],
        metrics: [
          {},
          { metric: 'DEPLOYMENT_FREQUENCY', unit: 'DAYS_PER_WEEK', words: expect.stringMatching(/percent_rank/) },
          {},
          {},
          {},
        ],
      },
    });
    const { data: definitions } = await ledger.ask('{ doraDefinitions { name title source metrics { words } } }');
    expect(JSON.stringify(definitions)).toContain('fourkeys');
  });

  it('refuses what cannot be answered', async () => {
    for (const input of [{ definition: 'elite' }, { from: '2026-02-30' }, { timeZone: 'Nowhere' }]) {
      const { errors } = await ledger.ask(DORA, { variables: { input } });
      expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
    const { errors } = await ledger.ask(DORA, { variables: { input: { project: 'shop' } }, token: tokens.other });
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
