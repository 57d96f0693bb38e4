import { systemClock, type Clock } from '@waybill/kernel';
import { openDatabase } from '../sqlite/database.js';
import { createCheckpoints, type Checkpoints } from './checkpoints.js';
import { createKnownLedger, type KnownLedger } from './ledger.js';
import { createPeople, type People } from './people.js';
import { createRetained, type Retainable, type Retained } from './retained.js';
import { OPERATIONS_SCHEMA } from './schema.js';
import { createTiles, type Tiles } from './tiles.js';
import { createTimers, type Timers } from './timers.js';
import { createTokens, type Tokens } from './tokens.js';

/** Operational state in one file, `operations.sqlite`. */
export interface Operations<R extends Retainable = Retainable> {
  readonly ledger: KnownLedger;
  readonly checkpoints: Checkpoints;
  readonly timers: Timers;
  readonly people: People;
  readonly tokens: Tokens;
  readonly retained: Retained<R>;
  readonly tiles: Tiles;
  close(): Promise<void>;
}

/**
 * Two connections to one file. People and tokens are told to a caller as done, so they survive a power cut; the rest is
 * redone when the newest of it is lost, and need not wait for the disk.
 */
export function openOperations<R extends Retainable = Retainable>({
  file,
  clock = systemClock,
}: {
  file: string;
  clock?: Clock;
}): Operations<R> {
  const durable = openDatabase({ file, schema: OPERATIONS_SCHEMA, synchronous: 'FULL', secureDelete: true });
  const quick = openDatabase({ file, schema: OPERATIONS_SCHEMA, synchronous: 'NORMAL' });
  return {
    ledger: createKnownLedger(durable),
    checkpoints: createCheckpoints(quick),
    timers: createTimers(quick),
    people: createPeople(durable, clock),
    tokens: createTokens(durable, clock),
    retained: createRetained<R>(quick),
    tiles: createTiles(quick),
    async close() {
      quick.close();
      durable.close();
    },
  };
}
