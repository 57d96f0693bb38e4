import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  OLD_APIS_ONLY,
  type StartedKubernetes,
  installIstioCrds,
  startKubernetes,
} from '../../tools/servers/for-specs.js';
import { type Kit, startKit } from '../e2e/harness/kit.js';
import { ROOT } from '../e2e/harness/ledger-process.js';
import { devRule, givenProject } from '../e2e/harness/project.js';
import { releaseIn, requestRelease } from '../e2e/harness/releases.js';
import { until } from '../e2e/harness/until.js';
import { type OperatorProcess, startOperator } from './operator-process.js';

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const unique = `${process.pid}-${Date.now().toString(36)}`;
const NAMESPACE = 'waybill-system';
const TARGET = 'shop';

const FILES = {
  'shop/dev/waybill.yaml':
    'cpu: 100m\nmemory: 64Mi\nautoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 70 }\n',
  'shop/dev/manifests/budget.yaml': `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: shop }
spec: { maxUnavailable: 1, selector: { matchLabels: { app.kubernetes.io/name: shop } } }
`,
};

const ROUND = ['ManifestsAdapted', 'ManifestsApplied', 'DeploymentRolledOut', 'DeploymentHealthy'];

interface ManifestsAdapted {
  readonly objects: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
}

describe('a release in an old cluster that is upgraded, as the ledger sees it', () => {
  const channel = `kafka://${brokers}?prefix=upgrade-${unique}-`;
  let server: StartedKubernetes;
  let operator: OperatorProcess;
  let kit: Kit;

  const kubectl = (args: readonly string[], input?: string): string =>
    execFileSync(server.kubectl, ['--kubeconfig', server.kubeconfig, ...args], {
      encoding: 'utf8',
      ...(input !== undefined && { input }),
    });

  /** Asked plainly: kubectl remembers what was served. */
  function uidOfBudget(version: string): string {
    const path = `/apis/policy/${version}/namespaces/${TARGET}/poddisruptionbudgets/shop`;
    const { metadata } = JSON.parse(kubectl(['get', '--raw', path])) as { metadata: { uid: string } };
    return metadata.uid;
  }

  async function eventsOf(generation: number): Promise<{ type: string; data: unknown }[]> {
    const { events } = await kit.admin.ask<{ events: { nodes: { type: string; data: unknown }[] } }>(
      `query Events($stream: String!) { events(first: 100, stream: $stream) { nodes { type data } } }`,
      { stream: `deployment-shop.dev@dev.${generation}` },
    );
    return events.nodes;
  }

  /** What was sent, by kind, each time that it was adapted. */
  const adapted = (events: readonly { type: string; data: unknown }[]): Record<string, string>[] =>
    events
      .filter(({ type }) => type === 'ManifestsAdapted')
      .map(({ data }) =>
        Object.fromEntries(
          (data as ManifestsAdapted).objects.map(({ group, version, kind }) => [kind, `${group}/${version}`]),
        ),
      );

  function install(): void {
    const main = join(ROOT, 'apps/operator/dist/main.js');
    const flags = ['--print-manifests', '--namespace', NAMESPACE, '--without-crd-rules'];
    kubectl(
      ['apply', '--server-side', '-f', '-'],
      execFileSync(process.execPath, [main, ...flags], { encoding: 'utf8' }),
    );
    kubectl(['delete', 'deployment', 'waybill-operator', '-n', NAMESPACE]);
    const group = '--group=waybill:operators';
    kubectl(['create', 'rolebinding', 'operators', '-n', NAMESPACE, '--role=waybill-operator', group]);
    kubectl(['create', 'clusterrolebinding', 'operators', '--clusterrole=waybill-operator', group]);
    kubectl(['create', 'clusterrole', 'budgets', '--verb=*', '--resource=poddisruptionbudgets.policy']);
    kubectl(['create', 'clusterrolebinding', 'budgets', '--clusterrole=budgets', group]);
    kubectl(['create', 'namespace', TARGET]);
  }

  beforeAll(async () => {
    server = await startKubernetes({ version: '1.24', runtimeConfig: OLD_APIS_ONLY });
    await installIstioCrds(server, '1.16');
    install();
    kit = await startKit({ WAYBILL_CHANNEL: channel });
    await kit.admin.ask(`mutation Onboard($input: LocationInput!) { onboardLocation(input: $input) { position } }`, {
      input: { key: 'dev', delivery: { kind: 'cluster' } },
    });
    for (const kind of ['kubernetes', 'istio']) {
      await kit.admin.ask(`mutation Onboard($input: ResourceInput!) { onboardResource(input: $input) { position } }`, {
        input: { key: `${kind}-dev`, location: 'dev', kind, parameters: { namespace: TARGET } },
      });
    }
    await givenProject(kit, 'shop', { rules: [devRule()], files: FILES });
    operator = await startOperator({
      location: 'dev',
      channel,
      namespace: NAMESPACE,
      kubeconfig: server.operatorKubeconfig,
    });
  });
  afterAll(async () => {
    await operator.signal('SIGINT');
    await kit.close();
    await server.stop();
  });

  it('is written in its old versions, and within its generation in the new ones', async () => {
    const { id } = await requestRelease(kit.admin, 'shop', 'dev', 'one');
    expect(await releaseIn(kit.admin, id, 'COMPLETED', 'FAILED')).toMatchObject({ outcome: 'healthy' });
    const before = await eventsOf(1);
    expect(before.map(({ type }) => type)).toEqual(['DeploymentAccepted', ...ROUND]);
    expect(adapted(before)).toMatchObject([
      {
        HorizontalPodAutoscaler: 'autoscaling/v2beta2',
        PodDisruptionBudget: 'policy/v1beta1',
        VirtualService: 'networking.istio.io/v1beta1',
      },
    ]);
    const was = uidOfBudget('v1beta1');

    await server.upgrade({ version: '1.36' });
    const after = await until(
      'the second time that it is healthy',
      () => eventsOf(1),
      (events) => {
        const last = adapted(events).at(-1);
        return last?.['PodDisruptionBudget'] === 'policy/v1' && events.at(-1)?.type === 'DeploymentHealthy';
      },
    );
    expect(adapted(after).at(-1)).toMatchObject({ HorizontalPodAutoscaler: 'autoscaling/v2' });
    expect(after.map(({ type }) => type)).not.toContain('ObjectsPruned');
    expect(uidOfBudget('v1')).toBe(was);
    // The release ended when it was healthy first: an upgrade is no deployment.
    expect(await releaseIn(kit.admin, id, 'COMPLETED')).toMatchObject({ outcome: 'healthy' });
  });

  it('is held where it says what no served version can say, and the ledger tells which', async () => {
    const manifest = { apiVersion: 'networking.istio.io/v2', kind: 'VirtualService', metadata: { name: 'later' } };
    await givenProject(kit, 'later', {
      rules: [devRule()],
      files: {
        'later/dev/waybill.yaml': 'replicas: 1\ncpu: 100m\nmemory: 64Mi\n',
        'later/dev/manifests/later.yaml': JSON.stringify(manifest),
      },
    });
    const { id } = await requestRelease(kit.admin, 'later', 'dev', 'two');
    await releaseIn(kit.admin, id, 'FAILED');
    const { events } = await kit.admin.ask<{ events: { nodes: { type: string; data: Record<string, unknown> }[] } }>(
      `query Events($stream: String!) { events(first: 100, stream: $stream) { nodes { type data } } }`,
      { stream: 'deployment-later.dev@dev.1' },
    );
    const [rejected] = events.nodes.filter(({ type }) => type === 'DeploymentRejected');
    expect(rejected?.data).toMatchObject({
      reason: 'NoTranslation',
      message: expect.stringMatching(
        /VirtualService shop\/later is written in networking\.istio\.io\/v2, .* serves networking\.istio\.io\/v1beta1, networking\.istio\.io\/v1alpha3/,
      ),
    });
    expect(kubectl(['get', 'deployment', '-n', TARGET, '-o', 'name'])).not.toContain('later');
  });
});
