import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Kit, startKit } from '../e2e/harness/kit.js';
import { devRule, givenProject } from '../e2e/harness/project.js';
import { releaseIn, requestRelease } from '../e2e/harness/releases.js';
import { until } from '../e2e/harness/until.js';
import { type OperatorProcess, installOperator, kubectl, startOperator } from './operator-process.js';

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const unique = `${process.pid}-${Date.now().toString(36)}`;

describe('the ledger and an operator in a cluster, with Kafka between them', () => {
  const namespace = `waybill-${unique}`;
  const target = `shop-${unique}`;
  const channel = `kafka://${brokers}?prefix=operator-${unique}-`;
  const operators: OperatorProcess[] = [];
  let kit: Kit;

  async function start(): Promise<OperatorProcess> {
    const operator = await startOperator({ location: 'dev', channel, namespace });
    operators.push(operator);
    return operator;
  }

  const eventsOf = async (generation: number): Promise<string[]> => {
    const { events } = await kit.admin.ask<{ events: { nodes: { type: string }[] } }>(
      `query Events($stream: String!) { events(first: 50, stream: $stream) { nodes { type } } }`,
      { stream: `deployment-shop.dev@dev.${generation}` },
    );
    return events.nodes.map(({ type }) => type);
  };

  const ONCE = [
    'DeploymentAccepted',
    'ManifestsAdapted',
    'ManifestsApplied',
    'DeploymentRolledOut',
    'DeploymentHealthy',
  ];

  beforeAll(async () => {
    installOperator(namespace);
    kubectl(['create', 'namespace', target]);
    kit = await startKit({ WAYBILL_CHANNEL: channel });
    await kit.admin.ask(`mutation Onboard($input: LocationInput!) { onboardLocation(input: $input) { position } }`, {
      input: { key: 'dev', delivery: { kind: 'cluster' } },
    });
    await kit.admin.ask(`mutation Onboard($input: ResourceInput!) { onboardResource(input: $input) { position } }`, {
      input: { key: 'kubernetes-dev', location: 'dev', kind: 'kubernetes', parameters: { namespace: target } },
    });
    await givenProject(kit, 'shop', { rules: [devRule({ resources: ['kubernetes-dev'] })] });
  });
  afterAll(async () => {
    for (const operator of operators) await operator.signal('SIGINT');
    await kit.close();
    kubectl(['delete', 'namespace', target, '--wait=false']);
  });

  it('takes a release to a rolled-out Deployment', async () => {
    const operator = await start();
    const { id } = await requestRelease(kit.admin, 'shop', 'dev', 'one');
    expect(await releaseIn(kit.admin, id, 'COMPLETED', 'FAILED')).toMatchObject({
      state: 'COMPLETED',
      outcome: 'healthy',
      locations: [{ location: 'dev', state: 'healthy', generation: 1 }],
    });
    expect(kubectl(['get', 'deployment', 'shop--dev', '-n', target, '-o', 'jsonpath={.status.readyReplicas}'])).toBe(
      '1',
    );
    expect(kubectl(['get', 'releases', '-n', namespace])).toMatch(/shop--dev +shop +dev +1 +True +Healthy +Steady/);
    expect(await eventsOf(1)).toEqual(ONCE);
    const metrics = await (await fetch(`${operator.url}/metrics`)).text();
    expect(metrics).toContain('waybill_operator_leading 1');
    expect(metrics).toContain('waybill_operator_actions_total{phase="healthy"} 1');
    expect(metrics).toContain('waybill_operator_releases{step="Steady"} 1');
    expect((await fetch(`${operator.url}/readyz`)).status).toBe(200);
  });

  it('goes on where a killed operator was, and tells nothing twice', async () => {
    const { id } = await requestRelease(kit.admin, 'shop', 'dev', 'two');
    await until(
      'generation 2 in the cluster',
      () => Promise.resolve(kubectl(['get', 'releases', '-n', namespace])),
      (text) => / 2 /.test(text),
    );
    await operators.at(-1)!.signal('SIGKILL');
    await start();
    expect(await releaseIn(kit.admin, id, 'COMPLETED', 'FAILED')).toMatchObject({ state: 'COMPLETED' });
    expect(await eventsOf(2)).toEqual(ONCE);
  });

  it('ends on Ctrl-C and gives the lease back', async () => {
    expect(await operators.at(-1)!.signal('SIGINT')).toBe(0);
    const holder = ['get', 'lease', 'waybill-operator', '-n', namespace, '-o', 'jsonpath={.spec.holderIdentity}'];
    expect(kubectl(holder)).toBe('');
  });
});
