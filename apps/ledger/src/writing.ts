import type { CommandResult, Position } from '@waybill/kernel';
import type { Parts } from './parts.js';
import { catchUp } from './reading.js';

/**
 * Waits until the views show what a command wrote, so that the payload does too. Resolves with the position to read
 * after; a command that had nothing to do waits for what made it so.
 */
export async function shown(
  parts: Pick<Parts, 'store' | 'views'>,
  ...results: readonly Pick<CommandResult<unknown>, 'position'>[]
): Promise<Position | null> {
  const last = results.findLast(({ position }) => position !== undefined)?.position;
  const position = last ?? (await parts.store.lastPosition());
  await catchUp(parts, position);
  return position ?? null;
}
