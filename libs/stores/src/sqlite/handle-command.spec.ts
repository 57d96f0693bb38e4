import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handleCommandContract } from '@waybill/kernel/testing';
import { openSqliteEventStore } from './event-store.js';

handleCommandContract('sqlite', async ({ clock }) => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-commands-'));
  const store = openSqliteEventStore({ file: join(folder, 'events.sqlite'), clock });
  return {
    store,
    async dispose() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
