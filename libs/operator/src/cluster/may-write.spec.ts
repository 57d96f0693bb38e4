import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, clusterBench, step } from '../testing/cluster-bench.js';
import { type Intercept, referenceTo } from '../testing/memory-cluster.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const deployment = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');
const WRITES = new Set(['apply', 'create', 'replace', 'status', 'remove']);
const HOUR_MS = 3_600_000;

let bench: ClusterBench;
beforeEach(() => void (bench = clusterBench()));
afterEach(() => bench.dispose());

/** Calls `then` once the first object of the second generation was applied, before its answer is seen. */
function afterFirstApply(then: () => Promise<void> | void, alsoFor?: (verb: string, kind?: string) => void): Intercept {
  let isDone = false;
  return async (verb, { kind }, done) => {
    await Promise.resolve();
    alsoFor?.(verb, kind);
    const answer = await done();
    if (!isDone && verb === 'apply' && bench.release(environment)?.spec.generation === 2) {
      isDone = true;
      await then();
    }
    return answer;
  };
}

it('writes nothing more once its own clock says that somebody else may lead, until it is sure again', async () => {
  let ahead = 0;
  const writes: string[] = [];
  const intercept = afterFirstApply(
    () => void (ahead = HOUR_MS),
    (verb, kind) => {
      // Events are for people, and nothing depends on them.
      if (ahead > 0 && WRITES.has(verb) && kind !== 'Event') writes.push(`${verb} ${kind}`);
    },
  );
  bench.start({
    cluster: bench.memory.connect(intercept),
    now: () => new Date(Date.now() + ahead),
    lease: { leaseSeconds: 3, renewSeconds: 0.2 },
  });
  await bench.channel.publish(presentRecord(environment, 1));
  await bench.until(environment, step('Steady', 1));
  await bench.channel.publish(presentRecord(environment, 2));
  await bench.until(environment, step('Steady', 2));
  expect(writes[0]).toMatch(/Lease$/);
});

it('keeps no record in a Release while it is not sure', async () => {
  let ahead = 0;
  const writes: string[] = [];
  const intercept: Intercept = (verb, { kind }, done) => {
    if (ahead > 0 && WRITES.has(verb) && kind !== 'Event') writes.push(`${verb} ${kind}`);
    return Promise.resolve().then(done);
  };
  bench.start({
    cluster: bench.memory.connect(intercept),
    now: () => new Date(Date.now() + ahead),
    lease: { leaseSeconds: 3, renewSeconds: 0.2 },
  });
  await bench.channel.publish(presentRecord(environment, 1));
  await bench.until(environment, step('Steady', 1));
  ahead = HOUR_MS;
  await bench.channel.publish(presentRecord(environment, 2));
  await bench.until(environment, step('Steady', 2));
  expect(writes[0]).toMatch(/Lease$/);
});

it('writes nothing more of a generation once a newer one stands', async () => {
  const applied: (string | undefined)[] = [];
  const intercept = afterFirstApply(
    async () => {
      await bench.channel.publish(presentRecord(environment, 3));
      await bench.until(environment, ({ spec }) => spec.generation === 3);
    },
    () => void applied.push(bench.memory.get(deployment)?.metadata.annotations?.['waybill.dev/generation']),
  );
  bench.start({ cluster: bench.memory.connect(intercept) });
  await bench.channel.publish(presentRecord(environment, 1));
  await bench.until(environment, step('Steady', 1));
  await bench.channel.publish(presentRecord(environment, 2));
  await bench.until(environment, step('Steady', 3));
  expect(applied).toContain('1');
  expect(applied).not.toContain('2');
});
