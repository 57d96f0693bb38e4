import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES } from '../configuration.js';
import { done, requestRelease, setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

/** A Saturday; the window opens on Monday at nine in Berlin. */
let now = Date.parse('2026-01-10T12:00:00.000Z');
const OPENS = '2026-01-12T08:00:00.000Z';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startRunningLedger(ROLES, () => new Date(now++).toISOString());
  await setUpShop(ledger);
  await done(ledger, 'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }', {
    project: 'shop',
    section: 'BUSINESS',
    metadata: {
      owner: 'olga',
      productLine: 'retail',
      releaseWindow: { timeZone: 'Europe/Berlin', days: ['mon'], from: '09:00', to: '17:00', tiers: ['dev'] },
    },
  });
}, 60_000);
afterAll(() => ledger.stop());

async function recorded(release: string, type: string): Promise<Record<string, unknown>> {
  const stop = new AbortController();
  for await (const batch of ledger.process.parts.store.subscribe({ signal: stop.signal })) {
    const found = batch.find((event) => event.stream === `release-${release}` && event.type === type);
    if (found) return found.data;
  }
  throw new Error('the log ended');
}

describe('a release outside its window', () => {
  it('is held until the window opens and then goes on by itself', async () => {
    const release = await requestRelease(ledger, { ref: { name: 'dev' } });
    expect(await recorded(release, 'ReleaseHeld')).toMatchObject({
      reasons: [{ kind: 'window-closed', opensAt: OPENS }],
    });
    now = Date.parse(OPENS);
    expect(await recorded(release, 'ReleaseCompleted')).toMatchObject({ outcome: 'delivered' });
    expect(ledger.lines).toEqual([]);
  }, 30_000);
});
