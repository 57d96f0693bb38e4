import { createMemoryEventStore, eventStoreContract } from './index.js';

eventStoreContract('memory', async ({ clock }) => {
  const store = createMemoryEventStore({ clock });
  return { store, dispose: () => store.close() };
});
