import { jest } from '@jest/globals';
import { eventStoreContract, handleCommandContract, type StoreFactory } from '@waybill/kernel/testing';
import { startEventStoreDbDouble } from '../testing/index.js';
import { openEventStoreDbStore } from './event-store.js';

// An append is up to five calls, and client and server share this one process.
jest.setTimeout(20_000);

const factory: StoreFactory = async ({ clock }) => {
  const double = await startEventStoreDbDouble();
  let store = await openEventStoreDbStore({ url: double.url, clock });
  return {
    store,
    async reopen() {
      await store.close();
      store = await openEventStoreDbStore({ url: double.url, clock });
      return store;
    },
    async dispose() {
      await store.close();
      double.stop();
    },
  };
};

eventStoreContract('eventstoredb', factory);
handleCommandContract('eventstoredb', factory);
