import { afterEach, expect } from '@jest/globals';
import type { RecordedEvent } from '@waybill/kernel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openViews, type Views } from '../views.js';
import { createStory, type Story } from './story.js';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-views-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openedViews(folder = temporaryFolder()): Promise<Views> {
  const views = await openViews({ folder, ledger: 'spec' });
  cleanups.push(() => views.close());
  return views;
}

export const allEvents = (story: Story): Promise<readonly RecordedEvent[]> => story.store.readAll(undefined, 1_000_000);

/**
 * A story and its views. `caughtUp` delivers everything told so far, then all of it again, one event at a time: the
 * second delivery must not change a single row.
 */
export async function openStory(): Promise<{ story: Story; views: Views; caughtUp(): Promise<void> }> {
  const story = createStory();
  const views = await openedViews();
  return {
    story,
    views,
    async caughtUp() {
      const events = await allEvents(story);
      await views.project(events, story.store.ledgerId);
      const once = await views.dump();
      for (const event of events) await views.project([event], story.store.ledgerId);
      expect(await views.dump()).toEqual(once);
    },
  };
}
