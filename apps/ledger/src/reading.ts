import type { EventStore, Position } from '@waybill/kernel';
import type { Views } from '@waybill/views';

/** Longest wait for the views to show what is in the log already. Milliseconds. */
export const CATCH_UP = 5_000;

interface Readable {
  readonly store: Pick<EventStore, 'lastPosition'>;
  readonly views: Pick<Views, 'waitFor'>;
}

/** Waits until the views have read up to `position`. Throws `TIMEOUT`: what was written stays written. */
export async function catchUp({ views }: Pick<Readable, 'views'>, position: Position | undefined): Promise<void> {
  if (position !== undefined) await views.waitFor(position, CATCH_UP);
}

/** Waits until the views show all that is in the log at this moment. */
export async function catchUpWithLog(parts: Readable): Promise<void> {
  await catchUp(parts, await parts.store.lastPosition());
}
