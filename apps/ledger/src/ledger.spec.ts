import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunningLedger, startRunningLedger } from './testing/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startRunningLedger();
});
afterAll(() => ledger.stop());

describe('a ledger that was just started', () => {
  it('leaves an admin token that only its user can read', async () => {
    expect((await stat(join(ledger.folder, 'admin-token'))).mode & 0o777).toBe(0o600);
    const { data } = await ledger.ask('{ me { kind name grants { role scope } } }');
    expect(data).toEqual({ me: { kind: 'SERVICE', name: 'first admin', grants: [{ role: 'ADMIN', scope: '*' }] } });
  });
});
