import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreContract } from '@waybill/kernel/testing';
import { openSqliteEventStore } from './event-store.js';

eventStoreContract('sqlite', async ({ clock }) => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-events-'));
  const file = join(folder, 'events.sqlite');
  let store = openSqliteEventStore({ file, clock });
  return {
    store,
    async reopen() {
      await store.close();
      store = openSqliteEventStore({ file, clock });
      return store;
    },
    async dispose() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
