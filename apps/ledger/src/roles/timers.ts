import { isWaybillError } from '@waybill/kernel';
import { type Send, onTimerDue } from '@waybill/policies';
import type { Parts } from '../parts.js';
import { pause } from './supervise.js';

/** A timer that is set meanwhile is noticed within this time. Milliseconds. */
const LONGEST_NAP = 1_000;

/** Misuse that only says that the release has moved on since the timer was set. */
const OVERTAKEN = new Set(['INVALID_STATE', 'NOT_FOUND', 'COMMAND_ID_CONFLICT']);

/** Sends what timers were set for when they are due; at least once each. */
export async function runTimers({ operations, now }: Parts, send: Send, signal: AbortSignal): Promise<void> {
  const { timers } = operations;
  const react = onTimerDue({ send, now });
  while (!signal.aborted) {
    for (const { id, due, payload } of await timers.due(now())) {
      const { release, causationId, correlationId } = payload as Record<string, string>;
      try {
        await react({ id, due, release: release!, causationId: causationId!, correlationId: correlationId! });
      } catch (error) {
        if (!isWaybillError(error) || !OVERTAKEN.has(error.code)) throw error;
      }
      await timers.done(id);
    }
    const next = await timers.next();
    const wait = next === undefined ? LONGEST_NAP : Date.parse(next) - Date.parse(now());
    await pause(Math.min(Math.max(wait, 0), LONGEST_NAP), signal);
  }
}
