import { WaybillError, comparePositions, type EventStore } from '@waybill/kernel';
import type { Operations } from '@waybill/stores';

/**
 * What was remembered of the log in this folder must still be true of it: a log that was replaced by an older copy would
 * have new events pass for old ones.
 */
export async function assertNotShortened(
  store: EventStore,
  operations: Pick<Operations, 'checkpoints'>,
): Promise<void> {
  const read = Object.values(await operations.checkpoints.all())
    .toSorted(comparePositions)
    .at(-1);
  const end = await store.lastPosition();
  if (read === undefined || (end !== undefined && comparePositions(read, end) <= 0)) return;
  throw new WaybillError(
    'STORE_CORRUPT',
    `the log ends at ${end === undefined ? 'nothing' : `position ${end}`}, but was read up to ${read} before`,
    { hint: 'Restore events.sqlite and operations.sqlite from one and the same backup.' },
  );
}
