import { type RecordedEvent, verifyChain } from '@waybill/kernel';
import { openEventStore } from '@waybill/stores';
import { eventStoreOf } from './ledger-process.js';

/** Reads the whole log of a ledger that does not run, and checks the hash chain of every stream. */
export async function verifyChains(data: string): Promise<{ events: number; problems: string[] }> {
  const store = await openEventStore(eventStoreOf(data), { folder: data });
  try {
    const streams = new Map<string, RecordedEvent[]>();
    let after: string | undefined;
    let count = 0;
    for (;;) {
      const batch = await store.readAll(after, 1000);
      for (const event of batch) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
      count += batch.length;
      after = batch.at(-1)?.position;
      if (after === undefined) break;
    }
    const problems = [...streams].flatMap(([stream, events]) => {
      const fault = verifyChain(store.ledgerId, events);
      return fault ? [`${stream} at revision ${fault.revision}: ${fault.problem}`] : [];
    });
    return { events: count, problems };
  } finally {
    await store.close();
  }
}
