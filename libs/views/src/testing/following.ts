import { afterEach } from '@jest/globals';
import type { EventStore } from '@waybill/kernel';
import type { Views } from '../views.js';

const followers: { abort(): void; done: Promise<void> }[] = [];

afterEach(async () => {
  for (const { abort, done } of followers.splice(0)) {
    abort();
    await done;
  }
});

/** Views that follow the store until the test is over, or until `abort`. */
export function follow(views: Views, store: EventStore) {
  const controller = new AbortController();
  const done = views.follow(store, controller.signal);
  const follower = { abort: () => controller.abort(), done };
  followers.push(follower);
  return follower;
}

/** Resolves once the views read from the store: what they held of another log is gone by then. */
export async function followed(views: Views, store: EventStore) {
  let subscribed = (): void => undefined;
  const subscribing = new Promise<void>((resolve) => (subscribed = resolve));
  const follower = follow(views, {
    ...store,
    subscribe(options) {
      subscribed();
      return store.subscribe(options);
    },
  });
  await subscribing;
  return follower;
}
