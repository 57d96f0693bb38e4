import { eventStoreContract, handleCommandContract, type StoreFactory } from '@waybill/kernel/testing';
import { newId } from '@waybill/kernel';
import { openEventStoreDbStore } from '@waybill/stores';

const server = process.env['EVENTSTOREDB_URL'] ?? '';

/** A server keeps what earlier runs wrote: each test gets a ledger of its own, under a prefix of its own. */
const factory: StoreFactory = async ({ clock }) => {
  const url = `${server}${server.includes('?') ? '&' : '?'}prefix=test-${newId()}-`;
  let store = await openEventStoreDbStore({ url, clock });
  return {
    store,
    async reopen() {
      await store.close();
      store = await openEventStoreDbStore({ url, clock });
      return store;
    },
    dispose: () => store.close(),
  };
};

eventStoreContract('the server of EVENTSTOREDB_URL', factory);
handleCommandContract('the server of EVENTSTOREDB_URL', factory);
