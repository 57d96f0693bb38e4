import { afterEach, expect } from '@jest/globals';
import type { RecordedEvent } from '@waybill/kernel';
import type { ViewsTrouble } from '../backoff.js';
import { openViews, type Views } from '../views.js';
import { newPlace, type Place } from './engines.js';
import { createStory, type Story } from './story.js';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs when the test is over; what came last goes first. */
export const cleanUpLater = (cleanup: () => Promise<void> | void): void => void cleanups.push(cleanup);

/** A place that goes when the test is over. */
export async function temporaryPlace(): Promise<Place> {
  const place = await newPlace();
  cleanups.push(() => place.remove());
  return place;
}

/** Views that are closed when the test is over, in a place of their own unless one is given. */
export async function openedViews(place?: Place, onTrouble?: (trouble: ViewsTrouble) => void): Promise<Views> {
  const { url, folder, ledger } = place ?? (await temporaryPlace());
  const views = await openViews({ url, folder, ledger, ...(onTrouble ? { onTrouble } : {}) });
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
