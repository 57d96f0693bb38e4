import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { adminCluster, eventually, kubectl, testNamespace } from '../../testing/test-kubernetes.js';
import type { Cluster, LiveObject } from './cluster.js';
import { type HeldLease, type HoldLeaseOptions, holdLease } from './lease.js';

let cluster: Cluster;
let namespace: string;
let held: HeldLease[] = [];

beforeAll(async () => {
  cluster = await adminCluster();
  namespace = await testNamespace(cluster);
});
afterEach(async () => {
  await Promise.all(held.map((lease) => lease.release()));
  held = [];
});
afterAll(() => cluster.close());

const leaseOf = (name: string) => ({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  namespace,
  name,
});

function hold(name: string, options: Partial<HoldLeaseOptions> = {}): HeldLease {
  const lease = holdLease({
    cluster,
    namespace,
    name,
    identity: 'operator',
    leaseSeconds: 5,
    renewSeconds: 1,
    signal: new AbortController().signal,
    ...options,
  });
  held.push(lease);
  return lease;
}

const epochAt = async (name: string): Promise<number> =>
  Number((await cluster.get(leaseOf(name)))?.metadata.annotations?.['waybill.dev/epoch']);

/** A cluster that a process lost: its requests hang. */
function frozenCluster(): Cluster & { freeze(): void } {
  let frozen = false;
  const hang = <T>(): Promise<T> => new Promise<T>(() => undefined);
  return {
    ...cluster,
    freeze: () => (frozen = true),
    get: (reference, options) => (frozen ? hang<LiveObject | null>() : cluster.get(reference, options)),
    replace: (object, options) => (frozen ? hang<LiveObject>() : cluster.replace(object, options)),
  };
}

describe('holdLease', () => {
  it('is held by one of two, and goes to the other when it is given back', async () => {
    const first = hold('pair');
    const { epoch } = await first.acquired;
    expect(epoch).toBeGreaterThan(Date.now() - 10_000);
    const second = hold('pair');
    let taken = false;
    void second.acquired.then(() => (taken = true));
    const version = (await cluster.get(leaseOf('pair')))!.metadata.resourceVersion;
    await eventually(
      async () => (await cluster.get(leaseOf('pair')))?.metadata.resourceVersion !== version || undefined,
    );
    expect([first.valid(), second.valid(), taken]).toEqual([true, false, false]);

    await first.release();
    await first.lost;
    expect(first.valid()).toBe(false);
    const next = await second.acquired;
    expect(next.epoch).toBeGreaterThan(epoch);
    expect(second.valid()).toBe(true);
    expect(await cluster.get(leaseOf('pair'))).toMatchObject({ spec: { leaseTransitions: 1 } });
  });

  it('is not believed in any more before another one may take it', async () => {
    const frozen = frozenCluster();
    const first = hold('frozen', { cluster: frozen });
    const { epoch } = await first.acquired;
    frozen.freeze();
    const second = hold('frozen');
    // Whoever looks at any time sees one leader at most.
    let both = 0;
    const watch = setInterval(() => {
      if (first.valid() && second.valid()) both += 1;
    }, 5);
    await first.lost;
    expect(second.valid()).toBe(false);
    const next = await second.acquired;
    clearInterval(watch);
    expect(both).toBe(0);
    expect(next.epoch).toBeGreaterThan(epoch);
  });

  it('is not valid after a process was frozen, whichever clock shows it', async () => {
    let monotonic = 0;
    let wall = Date.parse('2026-11-24T10:00:00Z');
    const lease = hold('clocks', {
      renewSeconds: 100,
      leaseSeconds: 300,
      monotonic: () => performance.now() + monotonic,
      now: () => new Date(wall),
    });
    await lease.acquired;
    expect(lease.valid()).toBe(true);
    wall -= 3_600_000;
    expect(lease.valid()).toBe(true);
    wall += 3_600_000 + 200_000;
    expect(lease.valid()).toBe(false);
    wall -= 200_000;
    expect(lease.valid()).toBe(true);
    monotonic = 200_000;
    expect(lease.valid()).toBe(false);
  });

  it('gives growing epochs when the clock goes back and when the lease was deleted', async () => {
    const first = hold('epochs');
    const { epoch } = await first.acquired;
    await first.release();
    const past = () => new Date('2020-01-01T00:00:00Z');
    const second = hold('epochs', { now: past });
    expect((await second.acquired).epoch).toBe(epoch + 1);
    expect(await epochAt('epochs')).toBe(epoch + 1);
    await second.release();
    await kubectl(['delete', 'lease', 'epochs', '-n', namespace]);
    const third = hold('epochs', { now: past, lastEpoch: epoch + 1 });
    expect((await third.acquired).epoch).toBe(epoch + 2);
  });

  it('is taken back at once by the successor of a process whose name nobody else has, and by nobody else', async () => {
    const long = { leaseSeconds: 3_600, renewSeconds: 1_200 };
    // It renews once in twenty minutes: to everybody else it looks as if it had been killed.
    const { epoch } = await hold('again', { ...long, identity: 'pod-1', identityIsOurs: true }).acquired;
    const asked: string[] = [];
    const waiting = (name: string) => ({ waiting: () => void asked.push(name) });
    hold('again', { ...long, identity: 'pod-1', ...waiting('makes no promise') });
    hold('again', { ...long, identity: 'pod-10', identityIsOurs: true, ...waiting('another name') });
    hold('again', { ...long, identity: 'pod', identityIsOurs: true, ...waiting('the beginning of it') });
    await eventually(() => Promise.resolve(asked.length === 3 || undefined));
    const next = await hold('again', { ...long, identity: 'pod-1', identityIsOurs: true }).acquired;
    expect(next.epoch).toBeGreaterThan(epoch);
  });

  it('is not taken by a clock that is ahead', async () => {
    const first = hold('ahead');
    await first.acquired;
    const ahead = hold('ahead', { now: () => new Date(Date.now() + 86_400_000) });
    const version = (await cluster.get(leaseOf('ahead')))!.metadata.resourceVersion;
    await eventually(
      async () => (await cluster.get(leaseOf('ahead')))?.metadata.resourceVersion !== version || undefined,
    );
    expect([first.valid(), ahead.valid()]).toEqual([true, false]);
  });

  it('is lost when somebody else wrote themselves into it', async () => {
    const lease = hold('stolen');
    await lease.acquired;
    await kubectl([
      'patch',
      'lease',
      'stolen',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"spec":{"holderIdentity":"someone"}}',
    ]);
    await lease.lost;
    expect(lease.valid()).toBe(false);
    expect(await cluster.get(leaseOf('stolen'))).toMatchObject({ spec: { holderIdentity: 'someone' } });
  });

  it('is refused to another location, and tells who waits whom for', async () => {
    await hold('placed', { location: 'dev' }).acquired;
    const holders: string[] = [];
    hold('placed', { location: 'dev', waiting: (holder) => void holders.push(holder) });
    await expect(hold('placed', { location: 'nowhere' }).acquired).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: `the namespace ${namespace} is that of the location dev`,
      hint: expect.stringContaining('Give nowhere a namespace of its own'),
    });
    expect(await eventually(() => Promise.resolve(holders[0]))).toMatch(/^operator_/);
  });

  it('waits no longer when it is told to stop', async () => {
    const first = hold('stop');
    await first.acquired;
    const stop = new AbortController();
    const second = hold('stop', { signal: stop.signal });
    stop.abort(new Error('shutting down'));
    await expect(second.acquired).rejects.toThrow('shutting down');
    await second.lost;
    expect(first.valid()).toBe(true);
  });
});
