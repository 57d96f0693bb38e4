import type { EventStore, RecordedEvent } from '@waybill/kernel';
import { openSqliteEventStore } from '@waybill/stores';
import { openViews, type Dump, type Views } from '@waybill/views';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { histories, tell } from '../../libs/views/src/testing/histories.js';
import { createStory } from '../../libs/views/src/testing/story.js';

const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-faults-'));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A log that the real deciders wrote, the same in every run. Resolves with its events. */
export async function writeLog(file: string): Promise<readonly RecordedEvent[]> {
  const story = createStory();
  const [steps] = fc.sample(histories(3000), { numRuns: 1, seed: 20261123 });
  await tell(story, steps!);
  const store = openSqliteEventStore({ file });
  for (const event of await story.store.readAll(undefined, 100_000)) {
    await store.append(event.stream, [event], event.revision === 0 ? 'no-stream' : event.revision - 1);
  }
  const log = await store.readAll(undefined, 100_000);
  await store.close();
  return log;
}

/** What the views must be when they have read so far. */
export type Reference = (position: string | undefined) => Promise<Dump>;

export function referenceOf(log: readonly RecordedEvent[], ledger: string): Reference {
  const known = new Map<string | undefined, Promise<Dump>>();
  const made = async (position: string | undefined): Promise<Dump> => {
    const views = await openViews({ folder: temporaryFolder(), ledger });
    const events = position === undefined ? [] : log.filter((event) => Number(event.position) <= Number(position));
    if (events.length > 0) await views.project(events, ledger);
    const dump = await views.dump();
    await views.close();
    return dump;
  };
  return (position) => {
    if (!known.has(position)) known.set(position, made(position));
    return known.get(position)!;
  };
}

/** Reads the log to its end. */
export async function catchUp(views: Views, store: EventStore): Promise<void> {
  const last = await store.lastPosition();
  const stop = new AbortController();
  const following = views.follow(store, stop.signal);
  // A fault of the projector must end the wait.
  await Promise.race([following, views.waitFor(last!, 60_000)]);
  stop.abort();
  await following;
}

/** Bit for bit, as the database holds them. */
export const same = (a: Dump, b: Dump): boolean => JSON.stringify(a) === JSON.stringify(b);
