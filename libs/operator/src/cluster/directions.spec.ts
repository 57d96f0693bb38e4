import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import type { Analysis, Strategy } from '@waybill/domain';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { type ClusterBench, NAMESPACE, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo } from '../testing/memory-cluster.js';
import { MESH_KINDS, canary, direct, meshed, sharesOf, versionOf, withStrategy } from '../testing/strategies.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const blue = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');
const green = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev--green');
const route = referenceTo('networking.istio.io/v1', 'VirtualService', 'default', 'web--dev');

const twoStops = canary([
  [20, null],
  [60, null],
  [100, 0],
]);

const version = (generation: number, image: string, strategy: Strategy = twoStops): DesiredRecord =>
  presentRecord(environment, generation, (desired) => meshed(withStrategy(strategy, image)(desired)));

describe('a rollout that somebody directs', () => {
  let bench: ClusterBench;
  beforeEach(async () => {
    bench = clusterBench();
    bench.memory.serve(...MESH_KINDS);
  });
  afterEach(() => bench.dispose());

  const shares = (): string => sharesOf(bench.memory.get(route));
  const stopped = (at: number, why: string) =>
    bench.until(environment, ({ status }) => {
      return status?.step === 'Paused' && status.progress?.step === at && status.progress.paused?.why === why;
    });

  async function atFirstStop(strategy?: Strategy): Promise<void> {
    bench.start();
    await bench.channel.publish(version(1, 'a', strategy));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b', strategy));
    await stopped(1, 'step');
  }

  it('goes one pause further with each promote, and to the end with a full one', async () => {
    await atFirstStop();
    await direct(bench.channel, version(2, 'b'), 1, 'promote');
    await stopped(2, 'step');
    expect(shares()).toBe('blue 40, green 60');
    await bench.channel.publish(version(3, 'c'));
    await bench.until(
      environment,
      ({ spec, status }) => spec.generation === 3 && status?.step === 'Paused' && status.observedLedgerGeneration === 3,
    );
    await direct(bench.channel, version(3, 'c'), 1, 'promote', true);
    await bench.until(environment, step('Steady', 3));
    expect(shares()).toBe('green 100');
    expect(
      recorded(await bench.heard('healthy', 2), environment, 3).filter((type) => type === 'TrafficShifted'),
    ).toHaveLength(2);
  });

  it('ends one pause when two people promote it, and keeps a promote for a step that is to come', async () => {
    await atFirstStop();
    await direct(bench.channel, version(2, 'b'), 1, 'promote', false, 1);
    await stopped(2, 'step');
    await direct(bench.channel, version(2, 'b'), 2, 'promote', false, 1);
    await bench.until(environment, ({ status }) => status?.progress?.directive === 2);
    expect(bench.release(environment)!.status!.progress).toMatchObject({ step: 2, paused: { why: 'step' } });
    expect(shares()).toBe('blue 40, green 60');
    await direct(bench.channel, version(2, 'b'), 3, 'promote', false, 2);
    await bench.until(environment, step('Steady', 2));

    await bench.channel.publish({ ...version(3, 'c'), directive: { seq: 1, kind: 'promote', full: false, step: 2 } });
    await bench.until(environment, ({ status }) => {
      return status?.observedLedgerGeneration === 3 && status.progress?.step === 1 && status.step === 'Paused';
    });
    await direct(bench.channel, version(3, 'c'), 2, 'promote', false, 1);
    await bench.until(environment, ({ status }) => {
      return status?.observedLedgerGeneration === 3 && status.progress?.step === 2 && status.step === 'Paused';
    });
    await bench.channel.publish({ ...version(4, 'd'), directive: { seq: 1, kind: 'promote', full: false, step: 1 } });
    await bench.until(environment, ({ status }) => {
      return status?.observedLedgerGeneration === 4 && status.progress?.step === 2 && status.step === 'Paused';
    });
  });

  it('stays where it is while it is paused, also over the end of its pause, and goes on with resume', async () => {
    const soon = canary([
      [20, 0],
      [60, 5],
      [100, 0],
    ]);
    let ahead = 0;
    bench.start({ now: () => new Date(Date.now() + ahead) });
    await bench.channel.publish(version(1, 'a', soon));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b', soon));
    const { status } = await stopped(2, 'step');
    expect(status!.rollout).toBe(`2/3 at 60%, paused: pause until ${status!.progress!.paused!.until}`);
    await direct(bench.channel, version(2, 'b', soon), 1, 'pause');
    await stopped(2, 'directive');
    // Less than what the lease would be lost for.
    ahead = 6_000;
    bench.memory.edit(route, (object) => {
      (object['spec'] as { http: { route: { weight: number }[] }[] }).http[0]!.route[0]!.weight = 1;
    });
    // The change is put back, so it was looked at since: and nothing else was done.
    await bench.until(environment, () => shares() === 'blue 40, green 60');
    expect(bench.release(environment)!.status!.progress).toMatchObject({ step: 2, paused: { why: 'directive' } });
    await direct(bench.channel, version(2, 'b', soon), 2, 'resume');
    await bench.until(environment, step('Steady', 2));
    const told = recorded(await bench.heard('healthy', 2), environment, 2);
    expect(told.filter((type) => type === 'RolloutPaused')).toHaveLength(2);
  });

  it('acts on the newest directive only, and an abort beats a promote that was not seen', async () => {
    await atFirstStop();
    // Written by hand into one write, as a record of the topic that overtook the others.
    await direct(bench.channel, version(2, 'b'), 7, 'abort');
    await direct(bench.channel, version(2, 'b'), 6, 'promote', true);
    await bench.until(environment, step('Failed', 2));
    expect(shares()).toBe('blue 100');
    expect(bench.release(environment)?.spec.directive).toMatchObject({ seq: 7, kind: 'abort' });
  });

  it('is beaten by a newer generation, whatever was directed', async () => {
    await atFirstStop();
    await Promise.all([
      direct(bench.channel, version(2, 'b'), 1, 'promote', true),
      bench.channel.publish(version(3, 'c')),
    ]);
    await bench.until(environment, ({ status }) => status?.observedLedgerGeneration === 3 && status.step === 'Paused');
    expect(versionOf(bench.memory.get(blue)) === 'a x4' || versionOf(bench.memory.get(green)) === 'b x4').toBe(true);
    expect(bench.release(environment)?.spec.directive).toBeUndefined();
    expect(shares()).toMatch(/^(blue 80, green 20|green 80, blue 20)$/);
  });

  it('puts back what somebody changes while a step is held, and touches nothing while it is suspended', async () => {
    await atFirstStop();
    const steal = (): void =>
      void bench.memory.edit(route, (object) => {
        const [rule] = (object['spec'] as { http: { route: { weight: number }[] }[] }).http;
        rule!.route[0]!.weight = 1;
      });
    steal();
    await bench.until(environment, () => shares() === 'blue 80, green 20');
    const release = referenceTo('waybill.dev/v1alpha1', 'Release', NAMESPACE, 'web--dev');
    bench.memory.edit(release, (object) => ((object['spec'] as { suspend: boolean }).suspend = true));
    await bench.until(environment, step('Suspended'));
    steal();
    await direct(bench.channel, version(2, 'b'), 1, 'abort');
    await bench.until(
      environment,
      ({ spec, status }) => spec.directive?.kind === 'abort' && status?.step === 'Suspended',
    );
    expect(shares()).toBe('blue 1, green 20');
    bench.memory.edit(release, (object) => ((object['spec'] as { suspend: boolean }).suspend = false));
    await bench.until(environment, step('Failed', 2));
    expect(shares()).toBe('blue 100');
  });

  it('waits when the mesh is not served any more, takes nothing down, and goes on when it is back', async () => {
    await atFirstStop();
    bench.memory.unserve(...MESH_KINDS);
    await direct(bench.channel, version(2, 'b'), 1, 'promote');
    const { status } = await bench.until(environment, (release) => release.status?.delay !== undefined);
    expect(status!.delay!.reason).toMatch(/UnsupportedCapability|KindNotServed/);
    expect([versionOf(bench.memory.get(blue)), versionOf(bench.memory.get(green))]).toEqual(['a x4', 'b x4']);
    expect(status!.outcome).toBeUndefined();
    bench.memory.serve(...MESH_KINDS);
    await stopped(2, 'step');
    expect(shares()).toBe('blue 40, green 60');
  });

  it('goes back when the candidate has no pod left that is available', async () => {
    await atFirstStop();
    bench.memory.edit(green, (object) => {
      const status = object['status'] as { availableReplicas: number; readyReplicas: number };
      Object.assign(status, { availableReplicas: 0, readyReplicas: 0 });
    });
    const { status } = await bench.until(environment, step('Failed', 2));
    expect(status!.outcome).toMatchObject({ reason: 'CandidateUnavailable' });
    expect(shares()).toBe('blue 100');
  });

  describe('with an analysis', () => {
    let server: Server;
    let answers: { status: number; body: string }[] = [];
    let asked: string[] = [];
    beforeEach(async () => {
      [answers, asked] = [[], []];
      server = createServer((request, response) => {
        asked.push(request.url!);
        const { status, body } = answers.shift() ?? { status: 200, body: '' };
        response.writeHead(status).end(body);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
    });
    afterEach(() => void server.close());

    const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const often = { timeoutSeconds: 2, intervalSeconds: 0.02, count: 3, failureLimit: 1 };
    const http = (): Analysis => ({ type: 'http', url: `${url()}/ready`, expectStatus: 200, ...often });
    const rate = (): Analysis => ({ type: 'prometheus', address: url(), query: 'rate(x)', max: 0.1, ...often });
    const sample = (value: string): { status: number; body: string } => ({
      status: 200,
      body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ value: [1, value] }] } }),
    });

    it('goes on when it passed, each measurement told once', async () => {
      answers = [
        { status: 200, body: '' },
        { status: 503, body: '' },
        { status: 200, body: '' },
      ];
      const strategy = canary(
        [
          [50, 0],
          [100, 0],
        ],
        { analysis: http() },
      );
      bench.start();
      await bench.channel.publish(version(1, 'a', strategy));
      await bench.until(environment, step('Steady', 1));
      await bench.channel.publish(version(2, 'b', strategy));
      await bench.until(environment, step('Steady', 2));
      const told = recorded(await bench.heard('healthy', 2), environment, 2);
      expect(told.filter((type) => type === 'AnalysisMeasured')).toHaveLength(3);
      expect(asked).toEqual(['/ready', '/ready', '/ready']);
      expect(told.indexOf('RolloutResumed')).toBeGreaterThan(told.lastIndexOf('AnalysisMeasured'));
    });

    it('goes back when more than its limit failed or said nothing', async () => {
      answers = [sample('0.05'), sample('0.5'), sample('NaN')];
      const strategy: Strategy = { type: 'blue-green', autoPromote: true, analysis: rate() };
      bench.start();
      await bench.channel.publish(version(1, 'a', strategy));
      await bench.until(environment, step('Steady', 1));
      await bench.channel.publish(version(2, 'b', strategy));
      const { status } = await bench.until(environment, step('Failed', 2));
      expect(status!.outcome).toMatchObject({
        reason: 'AnalysisFailed',
        message: '2 of 3 measurements at step 0 did not pass: the sample is NaN',
      });
      expect(shares()).toBe('blue 100');
      expect(versionOf(bench.memory.get(blue))).toBe('a x4');
      expect(bench.memory.get(green)).toBeUndefined();
      expect(asked[0]).toBe('/api/v1/query?query=rate%28x%29');
      const verdicts = (await bench.heard('failed')).flatMap((report) =>
        report.kind === 'deployment' && report.observation.phase === 'analysed' ? [report.observation.verdict] : [],
      );
      expect(verdicts).toEqual(['passed', 'failed', 'inconclusive']);
    });
  });
});
