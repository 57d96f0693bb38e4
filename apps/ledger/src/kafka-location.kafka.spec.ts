import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Channel, type KafkaAddress, type Report, createKafkaChannel, readKafkaAddress } from '@waybill/channel';
import type { Observation } from '@waybill/domain';
import { openOperations } from '@waybill/stores';
import { Kafka, logLevel } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { ROLES } from './configuration.js';
import { type ClusterOperator, startClusterOperator } from './testing/cluster-operator.js';
import { done, requestRelease, setUpShop } from './testing/example-project.js';
import { type RunningLedger, startRunningLedger } from './testing/running-ledger.js';

const brokers = process.env['KAFKA_BROKERS'];
const url = `kafka://${brokers}?prefix=l${randomUUID().slice(0, 8)}-`;
const environment = { WAYBILL_CHANNEL: url, WAYBILL_CONFIG_INTERVAL: '3600' };
const hash = 'e'.repeat(64);
const NOTICED = '2026-11-24T12:00:00.000Z';

let address: KafkaAddress;
let ledger: RunningLedger;
let outside: Channel;
let operator: ClusterOperator;

const openOutside = (): Channel =>
  createKafkaChannel({
    address,
    log: { info: () => undefined, warn: () => undefined, error: (line) => console.error(line) },
  });

beforeAll(async () => {
  address = readKafkaAddress(url);
  ledger = await startRunningLedger(ROLES, undefined, environment);
  await setUpShop(ledger);
  await done(ledger, 'mutation ($input: LocationInput!) { changeLocation(input: $input) { position } }', {
    key: 'feature',
    delivery: { kind: 'cluster' },
  });
  const rule = {
    directory: 'dev',
    tier: 'dev',
    approvals: 0,
    strategy: { type: 'rolling' },
    onFailure: 'nothing',
    onConfigChange: 'nothing',
  };
  await done(ledger, 'mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
    project: 'shop',
    rules: [{ ...rule, name: 'one', branch: '^one$', resources: ['kubernetes-feature'] }],
  });
  outside = openOutside();
  operator = await startClusterOperator(outside, 'feature');
}, 60_000);
afterAll(async () => {
  await operator.stop();
  await outside.close();
  await ledger.stop();
});

type Told = { readonly stream: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> };

/** Every event up to the first that matches. */
async function eventsUntil(matches: (event: Told) => boolean): Promise<readonly Told[]> {
  const seen: Told[] = [];
  for await (const batch of ledger.process.parts.store.subscribe({ signal: new AbortController().signal })) {
    for (const event of batch) {
      seen.push(event);
      if (matches(event)) return seen;
    }
  }
  throw new Error('the log ended');
}

const metric = async (name: string, labels = ''): Promise<number> => {
  const text = await (await fetch(`${ledger.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name}${labels}`));
  return Number(line?.split(' ').at(-1) ?? 0);
};

describe('a ledger whose operators are behind Kafka', () => {
  let release: string;
  it('sends a release out and takes the reports in', async () => {
    release = await requestRelease(ledger, { ref: { name: 'one' } });
    const record = await operator.askedFor(release);
    await operator.report(
      record,
      { phase: 'accepted' },
      { phase: 'adapted', objects: [], inventoryHash: hash },
      { phase: 'applied', inventoryHash: hash, commit: null, durationMs: 1 },
      { phase: 'rolled-out', durationMs: 2 },
      { phase: 'healthy' },
    );
    const events = await eventsUntil(({ type }) => type === 'ReleaseCompleted');
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['OperatorConnected', 'DeploymentHealthy']));
    expect(await metric('waybill_channel_sent_total', '{kind="desired"}')).toBe(1);
    expect(await metric('waybill_channel_received_total', '{kind="reports"}')).toBeGreaterThanOrEqual(6);
  });

  it('sends nothing again after a restart, also when it has forgotten how far it was', async () => {
    const before = operator.asked.length;
    await ledger.process.stop();
    ledger = await startRunningLedger(ROLES, undefined, { ...environment, WAYBILL_DATA: ledger.folder });
    const { parts } = ledger.process;
    const next = await requestRelease(ledger, { ref: { name: 'one' }, commit: 'c'.repeat(40) });
    await operator.askedFor(next);
    expect(operator.asked.length).toBe(before + 1);
    expect(await metric('waybill_channel_sent_total', '{kind="desired"}')).toBe(1);
    await ledger.process.stop();
    const operations = openOperations({ file: `${ledger.folder}/operations.sqlite`, clock: parts.now });
    await operations.checkpoints.save('dispatch-desired', '0');
    await operations.close();
    ledger = await startRunningLedger(ROLES, undefined, { ...environment, WAYBILL_DATA: ledger.folder });
    const last = await requestRelease(ledger, { ref: { name: 'one' }, commit: 'f'.repeat(40) });
    await operator.askedFor(last);
    expect(operator.asked.length).toBe(before + 2);
    expect(await metric('waybill_channel_sent_total', '{kind="desired"}')).toBe(1);
  }, 60_000);

  it('records once what is delivered again and again and out of order', async () => {
    const record = operator.asked.at(-1)!;
    const { environment: where, generation } = record;
    const schema = 'waybill.dev/report/v1';
    const epoch = Date.now();
    const common = { schema, kind: 'deployment', environment: where, generation, release: record.release } as const;
    const told: Observation[] = [
      { phase: 'accepted' },
      { phase: 'adapted', objects: [], inventoryHash: hash },
      { phase: 'applied', inventoryHash: hash, commit: null, durationMs: 1 },
      { phase: 'rolled-out', durationMs: 2 },
      { phase: 'healthy' },
    ];
    const observations: Report[] = told.map((observation, seq) => ({
      ...common,
      epoch,
      seq,
      occurredAt: new Date().toISOString(),
      observation,
    }));
    for (const report of observations) await outside.report(report);
    // A generator of its own, so that a failure comes back: numbers as in glibc's rand.
    let random = 7;
    const draw = (below: number): number => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    const deliveries = process.env['WAYBILL_FAULTS'] === 'long' ? 10_000 : 1_000;
    await Promise.all(Array.from({ length: deliveries }, () => outside.report(observations[draw(5)]!)));
    await outside.report({
      schema,
      kind: 'connected',
      location: 'feature',
      epoch: epoch + 1,
      occurredAt: new Date().toISOString(),
      software: 'spec/2',
      capabilities: [],
    });
    const events = await eventsUntil(({ type, data }) => type === 'OperatorConnected' && data['epoch'] === epoch + 1);
    const stream = `deployment-shop.one@feature.${generation}`;
    expect(events.filter((event) => event.stream === stream).map(({ type }) => type)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'DeploymentHealthy',
    ]);
  }, 300_000);

  it('shows what it could not take, and puts it back when asked to', async () => {
    const { environment: where, generation, release } = operator.asked.at(-1)!;
    const schema = 'waybill.dev/report/v1';
    const occurredAt = new Date().toISOString();
    const common = { schema, kind: 'deployment', environment: where, generation, release, occurredAt } as const;
    const newer = { phase: 'levitated' } as unknown as Observation;
    await outside.report({ ...common, epoch: Date.now(), seq: 0, observation: newer });
    const list = async (): Promise<readonly { id: string }[]> => {
      const { data } = await ledger.ask('{ deadLetters { id reason message topic value } }');
      return data!['deadLetters'] as readonly { id: string }[];
    };
    let letters = await list();
    while (letters.length === 0) letters = await list();
    expect(letters).toEqual([
      {
        id: '0',
        reason: 'invalid',
        message: expect.stringMatching(/^observation/),
        topic: expect.stringMatching(/waybill\.reports\.feature$/),
        value: expect.stringContaining('levitated'),
      },
    ]);
    const RETRY = 'mutation ($id: ID!) { retryDeadLetter(id: $id) }';
    const { data } = await ledger.ask(RETRY, { variables: { id: '0' } });
    expect(data).toEqual({ retryDeadLetter: '0' });
    const { errors } = await ledger.ask(RETRY, { variables: { id: '0' } });
    expect(errors[0]!.extensions.code).toBe('NOT_FOUND');
    // Nothing was mended, so it comes back under another id.
    while (letters.length !== 1 || letters[0]!.id === '0') letters = await list();
    expect(await metric('waybill_channel_dead_letters_total', '{reason="invalid"}')).toBe(2);
  });

  it.each<[string, (common: object) => object[], RegExp]>([
    [
      'a text that is no Unicode',
      (common) => [{ ...common, seq: 0, observation: { phase: 'failed', reason: 'Odd', message: 'half \ud83d' } }],
      /surrogate/,
    ],
    [
      'a number that is none of I-JSON',
      (common) => [{ ...common, seq: 0, observation: { phase: 'rolled-out', durationMs: 1e300 } }],
      /1e\+300/,
    ],
    [
      'another content under a number that was used',
      (common) => [
        { ...common, seq: 0, observation: { phase: 'drifted', paths: ['a'], commit: null, noticedAt: NOTICED } },
        { ...common, seq: 0, observation: { phase: 'drifted', paths: ['b'], commit: null, noticedAt: NOTICED } },
      ],
      /epoch and seq/,
    ],
  ])('puts aside a report that it can read and never record: %s', async (_what, reports, message) => {
    const { environment: where, generation, release } = operator.asked.at(-1)!;
    const schema = 'waybill.dev/report/v1';
    const occurredAt = new Date().toISOString();
    const epoch = Date.now();
    const common = { schema, kind: 'deployment', environment: where, generation, release, occurredAt, epoch };
    const letters = async (): Promise<readonly { readonly message: string }[]> => {
      const { data } = await ledger.ask('{ deadLetters { reason message } }');
      return data!['deadLetters'] as never;
    };
    const before = (await letters()).length;
    const [odd, ...first] = reports(common).toReversed();
    for (const report of first) await outside.report(report as Report);
    // What goes together is one append, in which a number that was used is no news.
    if (first.length > 0) await eventsUntil(({ type, data }) => type === 'DriftDetected' && data['epoch'] === epoch);
    await outside.report(odd as Report);
    // Those of the location that come behind it are recorded.
    const drifted = { phase: 'drifted', paths: [`behind ${epoch}`], commit: null, noticedAt: NOTICED };
    await outside.report({ ...common, seq: 9, observation: drifted } as Report);
    await eventsUntil(({ type, data }) => type === 'DriftDetected' && `${String(data['paths'])}` === `behind ${epoch}`);
    const aside = await letters();
    expect(aside.slice(before)).toEqual([{ reason: 'invalid', message: expect.stringMatching(message) }]);
  });

  it('tells the deployment that waits for a topic with another cleanup policy so, and goes on once that is mended', async () => {
    const admin = new Kafka({ clientId: 'spec', brokers: [...address.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const name = `${address.prefix}waybill.desired.feature`;
    const setPolicy = (value: string): Promise<unknown> =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name, configEntries: [{ name: 'cleanup.policy', value }] }],
      });
    await setPolicy('delete');
    // A dispatcher looks at its topics when it takes a location over.
    await ledger.process.stop();
    ledger = await startRunningLedger(ROLES, undefined, { ...environment, WAYBILL_DATA: ledger.folder });
    const release = await requestRelease(ledger, { ref: { name: 'one' }, commit: 'd'.repeat(40) });
    const events = await eventsUntil(({ type, data }) => type === 'DeploymentDelayed' && data['release'] === release);
    expect(events.at(-1)!.data).toMatchObject({
      epoch: 0,
      reason: 'ChannelRefused',
      message: expect.stringContaining(`${name} has cleanup.policy=delete`),
    });
    await setPolicy('compact');
    await operator.askedFor(release);
    await admin.disconnect();
  }, 60_000);
});
