import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { testCertificate } from '../../testing/test-certificate.js';
import { connectCluster } from './connect.js';

const DAY = 86_400_000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY);

/** What is said of a server that shows a certificate of these days, which is trusted otherwise. */
async function told(from: number, until: number): Promise<unknown> {
  const { cert, key } = testCertificate(daysFromNow(from), daysFromNow(until));
  const server = createServer({ cert, key }, (_, response) => response.end('{}'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const folder = await mkdtemp(join(tmpdir(), 'waybill-certificate-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    'current-context': 'c',
    clusters: [
      { name: 'c', cluster: { server: address, 'certificate-authority-data': Buffer.from(cert).toString('base64') } },
    ],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const cluster = await connectCluster({ kubeconfig });
  try {
    return await cluster.capabilities().catch((error: unknown) => error);
  } finally {
    cluster.close();
    await new Promise((done) => server.close(done));
    rmSync(folder, { recursive: true });
  }
}

describe('the certificate of the API server', () => {
  it('is named when it has expired, as a fault that someone may mend', async () => {
    expect(await told(-10, -1)).toMatchObject({
      reason: 'CertificateExpired',
      retryable: true,
      message: expect.stringContaining('the certificate has expired'),
      hint: 'Renew the certificate of the API server.',
    });
  });

  it('is named when it is not valid yet', async () => {
    expect(await told(1, 10)).toMatchObject({ reason: 'CertificateNotYetValid', hint: 'Compare the clocks.' });
  });

  it('is no matter while it is valid', async () => {
    expect(await told(-1, 1)).toEqual({ served: [] });
  });
});
