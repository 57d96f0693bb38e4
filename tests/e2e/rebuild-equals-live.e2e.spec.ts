import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openEventStore } from '@waybill/stores';
import { type Dump, openViews } from '@waybill/views';
import { join } from 'node:path';
import { startExample } from './harness/example-run.js';
import { type Kit, startKit } from './harness/kit.js';
import { eventStoreOf, viewsUrl } from './harness/ledger-process.js';

let kit: Kit;

beforeAll(async () => {
  kit = await startKit();
  const { code, err } = await startExample(kit.ledger).ended;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
});
afterAll(() => kit.close());

it('a rebuild gives the views that the ledger left behind when it was killed, bit for bit', async () => {
  await kit.cli('rebuild', '--yes');
  await kit.cli('branch', 'delete', 'A', 'feature-login', '--yes');
  const { data } = kit.ledger;
  await kit.ledger.kill();

  const store = await openEventStore(eventStoreOf(data), { folder: data });
  const views = await openViews({ url: viewsUrl(), folder: join(data, 'views'), ledger: store.ledgerId });
  try {
    const last = await store.lastPosition();
    const stopping = new AbortController();
    const following = views.follow(store, stopping.signal);
    await views.waitFor(last!, 30_000);
    stopping.abort();
    await following;
    const live = await views.dump();
    await views.rebuild(store);
    expect(await views.dump()).toEqual(live);
    expect(rowsIn(live)).toMatchObject({ releases: 7, projects: 1, timeline: expect.any(Number) });
    expect(rowsIn(live)['timeline']).toBeGreaterThan(80);
    expect(views.position()).toBe(last);
  } finally {
    await views.close();
    await store.close();
  }
});

const rowsIn = (dump: Dump): Record<string, number> =>
  Object.fromEntries(Object.entries(dump).map(([table, rows]) => [table, rows.length]));
