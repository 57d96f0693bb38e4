import type { ReleaseEvent } from '@waybill/domain';
import { derivedId } from '@waybill/kernel';
import type { Policy, PolicyDependencies } from './policy.js';

/** Something to do later. `id` makes scheduling idempotent. */
export interface Timer {
  readonly id: string;
  /** ISO 8601 instant. */
  readonly due: string;
  readonly release: string;
  /** Id of the event that asked for it. */
  readonly causationId: string;
  readonly correlationId: string;
}

export interface Timers {
  schedule(timer: Timer): Promise<void>;
}

/** Sets a timer for the opening of the window that holds a release. */
export function scheduleWindows({
  catalogue,
  timers,
}: Pick<PolicyDependencies, 'catalogue'> & { timers: Timers }): Policy {
  return {
    name: 'schedule-windows',
    handles: new Set(['ReleaseHeld']),
    async react(recorded) {
      const event = catalogue.upcast<ReleaseEvent>(recorded);
      if (event.type !== 'ReleaseHeld') return;
      for (const hold of event.data.reasons) {
        if (hold.kind !== 'window-closed') continue;
        await timers.schedule({
          id: derivedId('timer', recorded.stream, hold.opensAt),
          due: hold.opensAt,
          release: event.data.release,
          causationId: recorded.id,
          correlationId: recorded.correlationId,
        });
      }
    },
  };
}

/** The command that a due timer sends. */
export function onTimerDue({ send, now }: Pick<PolicyDependencies, 'send' | 'now'>): (timer: Timer) => Promise<void> {
  return async ({ id, release, causationId, correlationId }) => {
    await send({
      type: 'EvaluateRelease',
      data: { release },
      metadata: {
        commandId: derivedId('timer-due', id),
        actor: { kind: 'policy', id: 'schedule-windows', roles: [] },
        now: now(),
        correlationId,
        causationId,
      },
    });
  };
}
