import { type Actor, derivedId } from '@waybill/kernel';
import type { Send } from './policy.js';

/** An operator that this ledger expects to hear of. */
export interface WatchedOperator {
  readonly location: string;
  readonly epoch: number;
  readonly silent: boolean;
}

export interface LivenessDependencies {
  readonly send: Send;
  readonly now: () => string;
  /** Between two signs of life that an operator gives. Milliseconds. */
  readonly interval: number;
  /** Every operator that gives signs of life by itself, as it last connected; those inside this process do not. */
  readonly watched: () => Promise<readonly WatchedOperator[]>;
}

export interface Liveness {
  /** Something was heard of the operator. `at`: when this ledger heard it, now when left out. */
  heard(location: string, epoch: number, at?: string): void;
  /** Records who fell silent and who is heard of again. To be called a few times an interval. */
  due(): Promise<void>;
}

/** Signs of life that may be missed before it counts as silence. */
const MISSED = 3;

const NAME = 'note-liveness';
const ACTOR: Actor = { kind: 'policy', id: NAME, roles: [] };

/**
 * Notes when operators fall silent and speak again: one event each. What was heard last is kept in memory only; after a
 * restart every operator is given the full time again.
 */
export function noteLiveness({ send, now, interval, watched }: LivenessDependencies): Liveness {
  /** `heard` is false for an operator that was only given time. */
  const last = new Map<string, { readonly epoch: number; readonly at: string; readonly heard: boolean }>();

  async function record(
    type: 'RecordOperatorSilent' | 'RecordOperatorHeard',
    { location, epoch }: WatchedOperator,
    at: string,
  ): Promise<void> {
    const commandId = derivedId(type, location, String(epoch), at);
    await send({
      type,
      data: { location, epoch },
      metadata: { commandId, actor: ACTOR, now: now(), correlationId: commandId, causationId: commandId },
    });
  }

  return {
    heard(location, epoch, at = now()) {
      const known = last.get(location);
      // An operator that was replaced says nothing about the one that replaced it.
      if (known && (epoch < known.epoch || at < known.at)) return;
      last.set(location, { epoch, at, heard: true });
    },
    async due() {
      const present = now();
      for (const operator of await watched()) {
        const { location, epoch, silent } = operator;
        const known = last.get(location);
        if (!known || known.epoch < epoch) {
          // Heard of neither since this process started nor since it connected: its time starts now.
          last.set(location, { epoch, at: present, heard: false });
          continue;
        }
        const isSilent = Date.parse(present) - Date.parse(known.at) > MISSED * interval;
        if (isSilent && !silent) await record('RecordOperatorSilent', operator, known.at);
        if (!isSilent && silent && known.heard) await record('RecordOperatorHeard', operator, known.at);
      }
    },
  };
}
