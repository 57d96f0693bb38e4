import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Channel, type DesiredRecord, createInProcessChannel, createMemoryRetained } from '@waybill/channel';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { environmentName } from '@waybill/domain';
import type { Release } from '../release-resource/release.js';
import { type ClusterBench, NAMESPACE, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { type Intercept, referenceTo, refused } from '../testing/memory-cluster.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const other = { ...environment, slot: 'other' };
const deployment = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');

type Handlers = Parameters<Channel['consumeDesired']>[1];

/** A channel whose records a test hands over itself, in whatever order. */
function handed(bench: ClusterBench) {
  let ready: (handlers: Handlers) => void;
  const consuming = new Promise<Handlers>((resolve) => (ready = resolve));
  const channel: Pick<Channel, 'consumeDesired' | 'report'> = {
    report: (report) => bench.channel.report(report),
    consumeDesired: (_, handlers, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        ready(handlers);
      }),
  };
  return { channel, consuming };
}

/** Lets the requests that `of` names fail for as long as `broken` says so. */
const failing =
  (of: (verb: string, kind: string | undefined) => boolean, fault: () => Error | null): Intercept =>
  async (verb, { kind }, done) => {
    await Promise.resolve();
    const error = of(verb, kind) ? fault() : null;
    if (error) throw error;
    return done();
  };

describe('the inbox', () => {
  let bench: ClusterBench;
  beforeEach(() => void (bench = clusterBench()));
  afterEach(() => bench.dispose());

  it('reads to the end before anything is done, and takes the newest of each environment', async () => {
    const { channel, consuming } = handed(bench);
    bench.start({ channel });
    const handlers = await consuming;
    await handlers.handle(presentRecord(environment, 1));
    await handlers.handle(presentRecord(environment, 3));
    await handlers.handle(presentRecord(environment, 2));
    expect(bench.memory.all('Release')).toEqual([]);
    handlers.onCaughtUp?.();
    await bench.until(environment, step('Steady', 3));
    expect(recorded(await bench.heard('healthy'), environment, 1)).toEqual([]);
  });

  it('writes nothing for an environment that was removed and retired, as a topic that is not compacted tells again', async () => {
    const { channel, consuming } = handed(bench);
    bench.start({ channel });
    const handlers = await consuming;
    await handlers.handle(presentRecord(environment, 1));
    await handlers.handle(absentRecord(environment, 2));
    await handlers.retired?.(environmentName(environment));
    await handlers.handle(presentRecord(other, 1));
    handlers.onCaughtUp?.();
    await bench.until(other, step('Steady'));
    expect(bench.release(environment)).toBeUndefined();
    await handlers.handle(presentRecord(environment, 3));
    await bench.until(environment, step('Steady', 3));
  });

  it('is not moved by records that are repeated, replayed or late', async () => {
    const { channel, consuming } = handed(bench);
    bench.start({ channel });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    const records = [1, 2, 3].map((generation) => presentRecord(environment, generation));
    for (const record of [...records, ...records, ...records.reverse()]) await handlers.handle(record);
    await bench.until(environment, (release) => step('Steady', 3)(release) && release.status!.actions.length === 0);
    const before = { ...bench.memory.counts };
    for (let round = 0; round < 100; round++) for (const record of records) await handlers.handle(record);
    expect(bench.memory.counts).toEqual(before);
  });

  it('refuses another content in the same generation, and goes on', async () => {
    const { channel, consuming } = handed(bench);
    bench.start({ channel });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    await handlers.handle(presentRecord(environment, 1, (desired) => ({ ...desired, tier: 'prod' })));
    await handlers.handle(presentRecord(other, 1));
    await bench.until(other, step('Steady'));
    const told = (await bench.heard('rejected')).flatMap((report) =>
      report.kind === 'deployment' && report.observation.phase === 'rejected' ? [report.observation] : [],
    );
    expect(told).toMatchObject([{ reason: 'DigestMismatch' }]);
    expect(bench.release(environment)?.spec.desired?.tier).toBe('dev');
  });

  it('says on the Release that stands which record was refused, until a newer one is kept, and touches nothing', async () => {
    const { channel, consuming } = handed(bench);
    bench.start({ channel });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    const before = (await bench.until(environment, step('Steady'))).spec;
    await handlers.unreadable?.({ environment, generation: 2, release: null }, 'it is of schema v9');
    const refusedIn = ({ status }: Release) => status?.conditions.find(({ type }) => type === 'Refused');
    const standing = await bench.until(environment, (release) => refusedIn(release) !== undefined);
    expect(refusedIn(standing)).toMatchObject({
      status: 'True',
      reason: 'UnreadableRecord',
      message: 'generation 2: it is of schema v9',
    });
    expect(standing.spec).toEqual(before);
    expect(standing.status!.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    expect(recorded(await bench.heard('rejected'), environment, 2)).toEqual(['DeploymentRejected']);
    await handlers.handle(presentRecord(environment, 3));
    const next = await bench.until(environment, step('Steady', 3));
    expect(refusedIn(next)).toBeUndefined();
  });

  it.each<[string, (record: DesiredRecord) => DesiredRecord]>([
    ['a digest that is another one', (record) => ({ ...record, digest: 'f'.repeat(64) })],
    ['a desired state of another environment', (record) => ({ ...record, environment: other })],
    ['no desired state although it is to be present', (record) => ({ ...record, desired: null })],
  ])('refuses a record with %s', async (_, damaged) => {
    const { channel, consuming } = handed(bench);
    bench.start({ channel });
    const handlers = await consuming;
    const record = damaged(presentRecord(environment, 1));
    handlers.onCaughtUp?.();
    await handlers.handle(record);
    expect(recorded(await bench.heard('rejected'), record.environment, 1)).toEqual(['DeploymentRejected']);
    expect(bench.memory.all('Release')).toEqual([]);
  });

  it('tells of a record that the API server refuses or that it cannot read, and goes on', async () => {
    const { channel, consuming } = handed(bench);
    const invalid = failing(
      (verb, kind) => verb === 'create' && kind === 'Release' && bench.memory.all('Release').length === 0,
      () => refused(422, 'Invalid', 'Release.waybill.dev "web--dev" is invalid: spec.image: Too long'),
    );
    let first = true;
    bench.start({
      channel,
      cluster: bench.memory.connect((verb, reference, done) => {
        if (!first) return Promise.resolve().then(done);
        if (verb === 'create' && reference.kind === 'Release') first = false;
        return invalid(verb, reference, done);
      }),
    });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    await handlers.unreadable?.({ environment: other, generation: 7, release: null }, 'it is of schema v9');
    await handlers.handle(presentRecord(environment, 2));
    await bench.until(environment, step('Steady', 2));
    const all = await bench.heard('rejected', 2);
    expect(recorded(all, environment, 1)).toEqual(['DeploymentRejected']);
    expect(recorded(all, other, 7)).toEqual(['DeploymentRejected']);
  });

  it('waits while the API server cannot be reached', async () => {
    const { channel, consuming } = handed(bench);
    let down = 3;
    const away = failing(
      (verb, kind) => verb === 'create' && kind === 'Release',
      () => (down-- > 0 ? refused(503, 'ServiceUnavailable', 'no', true) : null),
    );
    bench.start({ channel, cluster: bench.memory.connect(away) });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    await bench.until(environment, ({ spec }) => spec.generation === 1);
    expect(bench.lines.filter((line) => line.includes('cannot keep the record'))).toHaveLength(3);
    expect(recorded(await bench.heard('delayed', 2), environment, 1)).toEqual([
      'DeploymentDelayed',
      'DeploymentDelayed',
    ]);
  });

  it('lets the records of other environments go on while the API server cannot take one', async () => {
    const { channel, consuming } = handed(bench);
    let refuses = true;
    const broken = failing(
      (verb, kind) => verb === 'create' && kind === 'Release' && refuses,
      () => refused(500, 'InternalError', 'failed calling webhook "policy.example": connection refused', true),
    );
    const cluster = bench.memory.connect((verb, reference, done) =>
      reference.name === 'web--dev' ? broken(verb, reference, done) : Promise.resolve().then(done),
    );
    bench.start({ channel, cluster });
    const handlers = await consuming;
    await handlers.handle(presentRecord(environment, 1));
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(other, 1));
    await bench.until(other, step('Steady'));
    const told = recorded(await bench.heard('delayed', 2), environment, 1);
    expect(new Set(told)).toEqual(new Set(['DeploymentDelayed']));
    expect(bench.release(environment)).toBeUndefined();
    // What came later for it waits in order, and the newest is what is kept.
    await handlers.handle(presentRecord(environment, 2));
    await handlers.handle(presentRecord(environment, 3));
    refuses = false;
    await bench.until(environment, step('Steady', 3));
    expect(recorded(await bench.heard('healthy', 2), environment, 2)).not.toContain('DeploymentAccepted');
  });

  it('gives up one that its store finds too large', async () => {
    const { channel, consuming } = handed(bench);
    const full = failing(
      (verb, kind) => verb === 'create' && kind === 'Release',
      () => refused(500, '', 'etcdserver: request is too large', true),
    );
    bench.start({ channel, cluster: bench.memory.connect(full) });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    expect(recorded(await bench.heard('rejected'), environment, 1)).toEqual(['DeploymentRejected']);
  });

  it('says so when a conflict lasts although nothing changes, as where a webhook answers it', async () => {
    const { channel, consuming } = handed(bench);
    let refuses = true;
    const broken = failing(
      (verb, kind) => verb === 'create' && kind === 'Release' && refuses,
      () => refused(409, 'Conflict', 'admission webhook "policy.example" denied the request: not now', true),
    );
    bench.start({ channel, cluster: bench.memory.connect(broken) });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    const all = await bench.heard('delayed');
    expect(all).toContainEqual(
      expect.objectContaining({
        observation: expect.objectContaining({ reason: 'Conflict', message: expect.stringContaining('not now') }),
      }),
    );
    refuses = false;
    await bench.until(environment, step('Steady', 1));
  });

  it('removes nothing when its topic was emptied or made anew', async () => {
    const operator = bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('Steady'));
    await operator.stop();
    const empty = createInProcessChannel({ retained: createMemoryRetained() });
    const stop = new AbortController();
    const heard: string[] = [];
    const consumed = empty.consumeReports((reports) => {
      heard.push(...reports.map(({ kind }) => kind));
      if (heard.includes('resync')) stop.abort();
      return Promise.resolve();
    }, stop.signal);
    const again = bench.start({ channel: empty });
    await consumed;
    expect(again.state()).toMatchObject({ leading: true, caughtUp: true });
    expect(bench.memory.get(deployment)).toBeDefined();
    expect(bench.release(environment)).toMatchObject({ spec: { state: 'Present' } });
    await again.stop();
    await empty.close();
  });

  it('lets go of the fence when the ledger has, and of nothing else', async () => {
    const { channel, consuming } = handed(bench);
    bench.start({ channel });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    await bench.until(environment, step('Steady'));
    await handlers.retired?.(environmentName(environment));
    expect(bench.release(environment)?.metadata.deletionTimestamp).toBeUndefined();
    await handlers.handle(absentRecord(environment, 2));
    await bench.until(environment, step('Removed'));
    await handlers.handle(presentRecord(environment, 1));
    expect(bench.release(environment)?.spec).toMatchObject({ generation: 2, state: 'Absent' });
    await handlers.retired?.(environmentName(environment));
    expect(bench.release(environment)).toBeUndefined();
  });

  it('writes a Release anew when its watch has not told that the fence is gone, as after an outage', async () => {
    const { channel, consuming } = handed(bench);
    const cluster = bench.memory.connect();
    let deaf = false;
    bench.start({
      channel,
      cluster: {
        ...cluster,
        watch: (selection, watcher, signal) =>
          cluster.watch(
            selection,
            {
              ...watcher,
              upsert: (object) => (deaf ? undefined : watcher.upsert(object)),
              remove: (object) => (deaf ? undefined : watcher.remove(object)),
            },
            signal,
          ),
      },
    });
    const handlers = await consuming;
    handlers.onCaughtUp?.();
    await handlers.handle(presentRecord(environment, 1));
    await bench.until(environment, step('Steady'));
    await handlers.handle(absentRecord(environment, 2));
    await bench.until(environment, step('Removed'));
    deaf = true;
    await handlers.retired?.(environmentName(environment));
    expect(bench.release(environment)).toBeUndefined();
    await handlers.handle(presentRecord(environment, 3));
    expect(bench.release(environment)?.spec).toMatchObject({ generation: 3, state: 'Present' });
    deaf = false;
    await bench.until(environment, step('Steady', 3));
    expect(recorded(await bench.heard('healthy', 2), environment, 3)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'DeploymentHealthy',
    ]);
  });

  it('finds what stands there by its labels when the Release was lost while nobody looked', async () => {
    const operator = bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('Steady'));
    await operator.stop();
    const reference = referenceTo('waybill.dev/v1alpha1', 'Release', NAMESPACE, 'web--dev');
    bench.memory.edit(reference, ({ metadata }) => void ((metadata as { finalizers: string[] }).finalizers = []));
    bench.memory.delete(reference);
    await bench.channel.publish(absentRecord(environment, 2));
    bench.start();
    await bench.until(environment, step('Removed'));
    expect(bench.memory.get(deployment)).toBeUndefined();
  });
});
