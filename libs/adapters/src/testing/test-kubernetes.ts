import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Cluster } from '../deliver/cluster/cluster.js';
import { connectCluster } from '../deliver/cluster/connect.js';

/** Paths of files of the server that tests/kubernetes starts. */
export interface TestKubernetes {
  /** May do everything. */
  readonly kubeconfig: string;
  /** User `operator`, group `waybill:operators`: without any right until a test binds some. */
  readonly operatorKubeconfig: string;
  /** User `stranger`: never any right, whatever other specs bind. */
  readonly strangerKubeconfig: string;
  readonly kubectl: string;
}

export function testKubernetes(): TestKubernetes {
  const told = process.env['WAYBILL_TEST_KUBERNETES'];
  if (told) return JSON.parse(told) as TestKubernetes;
  throw new Error('No API server: run the suite with `npx jest -c tests/kubernetes/jest.config.cjs`.');
}

/** The program's output; `input` goes to its standard input. Rejects with what it wrote to stderr. */
export async function kubectl(
  args: readonly string[],
  input = '',
  server: TestKubernetes = testKubernetes(),
): Promise<string> {
  const running = promisify(execFile)(server.kubectl, ['--kubeconfig', server.kubeconfig, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** A namespace of a test's own, by a cluster that may do everything. Wait for its service account before pods are made. */
export async function testNamespace(cluster: Cluster): Promise<string> {
  const name = `test-${randomUUID().slice(0, 8)}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}

export function adminCluster(): Promise<Cluster> {
  return connectCluster({ kubeconfig: testKubernetes().kubeconfig, identity: 'spec' });
}

/** Resolves with the first value that is not undefined; asks again as often as something may have changed. */
export async function eventually<T>(look: () => Promise<T | undefined>, timeoutMs = 30_000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
