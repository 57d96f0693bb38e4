import { afterEach, describe, expect, it } from '@jest/globals';
import type { TokenOwner } from '../documents/access.js';
import { runCli } from '../testing/run-cli.js';
import { type StubLedger, startStubLedger } from '../testing/stub-ledger.js';

let stub: StubLedger | undefined;
afterEach(() => stub?.close());

const token = (id: string, more: Partial<TokenOwner['tokens'][number]> = {}): TokenOwner['tokens'][number] => ({
  id,
  createdAt: '2026-11-23T12:00:00.000Z',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  ...more,
});
const alice: TokenOwner = {
  id: 'p-1a2b3c4d',
  kind: 'PERSON',
  name: null,
  login: 'alice',
  tokens: [
    token('good', { lastUsedAt: '2026-11-24T11:50:00.000Z' }),
    token('revoked', { revokedAt: '2026-11-24T00:00:00.000Z' }),
    token('expired', { expiresAt: '2026-11-24T00:00:00.000Z' }),
  ],
};

async function listed(...options: string[]): Promise<string> {
  stub = await startStubLedger(({ operation }) => ({
    data:
      operation === 'MyTokens'
        ? { me: { ...alice, tokens: [token('mine')] } }
        : { principals: { nodes: [alice], pageInfo: { hasNextPage: false, endCursor: null }, totalCount: 1 } },
  }));
  const ran = await runCli(['token', 'list', ...options], { url: stub.url });
  expect(ran.code).toBe(0);
  return ran.out;
}

describe('waybill token list', () => {
  it('shows whose the good ones are and when they were used', async () => {
    const out = await listed();
    expect(out).toMatch(/good +alice +good +24h +10m/);
    expect(out).not.toMatch(/revoked|expired/);
  });

  it('shows the others when asked to', async () => {
    const out = await listed('--all');
    expect(out).toMatch(/revoked +alice +revoked/);
    expect(out).toMatch(/expired +alice +expired/);
  });

  it('shows your own', async () => {
    expect(await listed('--mine')).toMatch(/mine +alice +good +24h +never/);
  });
});
