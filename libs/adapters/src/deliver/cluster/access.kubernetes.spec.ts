import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { type StartedKubernetes, startKubernetes } from '../../../../../tools/servers/for-specs.js';
import { adminCluster, eventually, testKubernetes, testNamespace } from '../../testing/test-kubernetes.js';
import type { Cluster } from './cluster.js';
import { connectCluster } from './connect.js';

/** The parts of a kubeconfig that the tests change. */
interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: Record<string, unknown> }[];
}

let folder: string;
let namespace: string;
let admin: Cluster;
const opened: Cluster[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-access-'));
  admin = await adminCluster();
  namespace = await testNamespace(admin);
});
afterAll(() => {
  for (const cluster of [admin, ...opened]) cluster.close();
  rmSync(folder, { recursive: true });
});

/** A cluster by a kubeconfig of which something was changed. */
async function changed(change: (config: Kubeconfig) => void, from = testKubernetes().kubeconfig): Promise<Cluster> {
  const config = parse(readFileSync(from, 'utf8')) as Kubeconfig;
  change(config);
  const kubeconfig = join(folder, `${opened.length}.yaml`);
  writeFileSync(kubeconfig, stringify(config));
  const cluster = await connectCluster({ kubeconfig });
  opened.push(cluster);
  return cluster;
}

const look = (cluster: Cluster) => cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace });
const tokenOf = (kubeconfig: string): string =>
  String((parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig).users[0]?.user['token']);

describe('a cluster that cannot be used', () => {
  it('says that a token is not accepted', async () => {
    const cluster = await changed(({ users }) => (users[0]!.user = { token: 'revoked' }));
    await expect(look(cluster)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      status: 401,
      reason: 'Unauthorized',
      retryable: true,
      hint: expect.stringContaining('new credentials'),
    });
  });

  it('says that a right is missing, in the words of the server, and that no repeat helps', async () => {
    const cluster = await connectCluster({ kubeconfig: testKubernetes().strangerKubeconfig });
    opened.push(cluster);
    await expect(look(cluster)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      status: 403,
      reason: 'Forbidden',
      retryable: false,
      message: expect.stringMatching(/User "stranger" cannot list resource "configmaps"/),
    });
  });

  it('says that nothing listens, and that a host is unknown', async () => {
    const refused = await changed(({ clusters }) => (clusters[0]!.cluster['server'] = 'https://127.0.0.1:1'));
    await expect(look(refused)).rejects.toMatchObject({
      code: 'CLUSTER_FAILED',
      status: null,
      reason: 'Refused',
      retryable: true,
      message: expect.stringContaining('nothing listens at https://127.0.0.1:1'),
    });
    const unknown = await changed(({ clusters }) => (clusters[0]!.cluster['server'] = 'https://nowhere.invalid:6443'));
    await expect(look(unknown)).rejects.toMatchObject({ reason: 'UnknownHost', retryable: true });
  });

  it('says that a certificate is of an authority that is not trusted, or of another host', async () => {
    const untrusted = await changed(({ clusters }) => {
      delete clusters[0]!.cluster['certificate-authority-data'];
      delete clusters[0]!.cluster['certificate-authority'];
      delete clusters[0]!.cluster['insecure-skip-tls-verify'];
    });
    await expect(look(untrusted)).rejects.toMatchObject({ reason: 'CertificateUntrusted', retryable: true });
    const other = await changed(({ clusters }) => {
      delete clusters[0]!.cluster['insecure-skip-tls-verify'];
      clusters[0]!.cluster['tls-server-name'] = 'other.example';
    });
    await expect(look(other)).rejects.toMatchObject({ reason: expect.stringMatching(/^Certificate/) });
  });

  it('says that a command for credentials failed', async () => {
    const cluster = await changed(({ users }) => {
      users[0]!.user = {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'sh',
          args: ['-c', 'echo "log in first" >&2; exit 1'],
        },
      };
    });
    await expect(look(cluster)).rejects.toMatchObject({
      reason: 'CredentialsFailed',
      retryable: true,
      message: expect.stringContaining('log in first'),
    });
  });

  it('names the contexts that there are', async () => {
    const { kubeconfig } = testKubernetes();
    await expect(connectCluster({ kubeconfig, context: 'other' })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('no context other'),
      hint: expect.stringContaining('There are: '),
    });
  });
});

describe('credentials that change', () => {
  it('runs the command for credentials again when the server refuses what it gave', async () => {
    const marker = join(folder, 'has-run');
    const credential = (token: string): string =>
      JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token, expirationTimestamp: '2100-01-01T00:00:00Z' },
      });
    const right = credential(tokenOf(testKubernetes().kubeconfig));
    const script = `if [ -e ${marker} ]; then echo '${right}'; else touch ${marker}; echo '${credential('revoked')}'; fi`;
    const cluster = await changed(({ users }) => {
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
      users[0]!.user = { exec };
    });
    expect(await look(cluster)).toBeInstanceOf(Array);
  });

  it('reads a token file again when the server refuses what it held', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'revoked');
    const cluster = await changed(({ users }) => (users[0]!.user = { tokenFile: 'token' }));
    await expect(look(cluster)).rejects.toMatchObject({ status: 401 });
    // With the line feed that editors leave behind.
    writeFileSync(tokenFile, `${tokenOf(testKubernetes().kubeconfig)}\n`);
    expect(await eventually(() => look(cluster).catch(() => undefined))).toBeInstanceOf(Array);
  });
});

describe('a server of its own', () => {
  let server: StartedKubernetes;
  beforeAll(async () => {
    server = await startKubernetes();
  });
  afterAll(() => server.stop());

  it('refuses a token from the moment on that it is revoked', async () => {
    const cluster = await connectCluster({ kubeconfig: server.operatorKubeconfig });
    opened.push(cluster);
    const asked = () => cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' });
    await expect(asked()).rejects.toMatchObject({ status: 403 });
    await server.revoke('operator');
    await expect(asked()).rejects.toMatchObject({ status: 401, code: 'UNAUTHENTICATED', retryable: true });
  });
});
