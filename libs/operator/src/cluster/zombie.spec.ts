import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, NAMESPACE, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { type Intercept, referenceTo } from '../testing/memory-cluster.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const deployment = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');
const lease = referenceTo('coordination.k8s.io/v1', 'Lease', NAMESPACE, 'waybill-operator');

/** So that the sleeper notices soon. */
const QUICK = { leaseSeconds: 3, renewSeconds: 0.2 };

/** Requests that are on their way and do not arrive before they are let go; what follows them waits for that too. */
function frozen(at: (verb: string, kind: string | undefined) => boolean) {
  let reached: () => void;
  let thaw: () => void;
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  const thawed = new Promise<void>((resolve) => (thaw = resolve));
  let cold = false;
  const intercept: Intercept = async (verb, { kind }, done) => {
    await Promise.resolve();
    if (at(verb, kind) && !cold) {
      cold = true;
      reached();
    }
    if (cold) await thawed;
    return done();
  };
  return { intercept, arrived, thaw: () => thaw() };
}

describe('a leader that slept', () => {
  let bench: ClusterBench;
  beforeEach(() => void (bench = clusterBench()));
  afterEach(() => bench.dispose());

  /** The first operator freezes in generation `from`; the second one leads, and brings the next generation about. */
  async function takenOver(from: number, at: Parameters<typeof frozen>[0]) {
    const sleeper = frozen((verb, kind) => at(verb, kind) && bench.release(environment)?.spec.generation === from);
    const first = bench.start({ cluster: bench.memory.connect(sleeper.intercept), identity: 'first', lease: QUICK });
    for (let generation = 1; generation < from; generation++) {
      await bench.channel.publish(presentRecord(environment, generation));
      await bench.until(environment, step('Steady', generation));
    }
    const published = bench.channel.publish(presentRecord(environment, from));
    await sleeper.arrived;
    await published;
    bench.memory.edit(lease, (object) => ((object['spec'] as { holderIdentity: string }).holderIdentity = ''));
    const other = bench.secondChannel();
    const second = bench.start({ channel: other, identity: 'second', lease: QUICK });
    await other.publish(presentRecord(environment, from + 1));
    await bench.until(
      environment,
      (release) => step('Steady', from + 1)(release) && release.status!.actions.length === 0,
    );
    return { first, second, sleeper };
  }

  it.each([
    ['apply', 'Deployment'],
    ['status', 'Release'],
  ])('has no effect with the %s of a %s that arrives late', async (verb, kind) => {
    const { sleeper, second } = await takenOver(2, (was, of) => was === verb && of === kind);
    const before = bench.memory.get(deployment);
    const release = bench.release(environment);
    sleeper.thaw();
    await bench.logged('begins anew', 'no longer leading', 'Conflict', 'cannot');
    expect(bench.memory.get(deployment)).toEqual(before);
    expect(bench.release(environment)?.status?.inventoryHash).toBe(release?.status?.inventoryHash);
    expect(second.state().leading).toBe(true);
    expect(recorded(bench.reports.all(), environment, 3).filter((type) => type === 'ManifestsApplied')).toHaveLength(1);
  });

  it('is made good when it makes an object that was not there when it began', async () => {
    const { sleeper } = await takenOver(1, (verb, kind) => verb === 'apply' && kind === 'Deployment');
    sleeper.thaw();
    await bench.until(environment, ({ status }) => (status?.heals?.total ?? 0) > 0);
    expect(bench.memory.get(deployment)?.metadata.annotations).toMatchObject({ 'waybill.dev/generation': '2' });
    expect(bench.release(environment)?.spec.generation).toBe(2);
  });
});
