import { type Clock, systemClock } from '@waybill/kernel';
import type { Sql } from '../sql/sql.js';
import { openSqliteSql } from '../sql/sqlite-sql.js';
import { type Checkpoints, createCheckpoints } from './checkpoints.js';
import { type KnownLedger, createKnownLedger } from './ledger.js';
import { type People, createPeople } from './people.js';
import { type Retainable, type Retained, createRetained } from './retained.js';
import { OPERATIONS_SCHEMA } from './schema.js';
import { type Tiles, createTiles } from './tiles.js';
import { type Timers, createTimers } from './timers.js';
import { type Tokens, createTokens } from './tokens.js';

/** Operational state: what is neither log nor view. */
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
 * Two connections to one database. People and tokens are told to a caller as done, so they survive a power cut; the rest
 * is redone when the newest of it is lost, and need not wait for the disk.
 */
export function createOperations<R extends Retainable = Retainable>(
  { durable, quick }: { readonly durable: Sql; readonly quick: Sql },
  clock: Clock,
): Operations<R> {
  return {
    ledger: createKnownLedger(durable),
    checkpoints: createCheckpoints(quick),
    timers: createTimers(quick),
    people: createPeople(durable, clock),
    tokens: createTokens(durable, clock),
    retained: createRetained<R>(quick),
    tiles: createTiles(quick),
    async close() {
      await quick.close();
      await durable.close();
    },
  };
}

/** In one file, `operations.sqlite`. */
export function openOperations<R extends Retainable = Retainable>({
  file,
  clock = systemClock,
}: {
  file: string;
  clock?: Clock;
}): Operations<R> {
  const durable = openSqliteSql({ file, schema: OPERATIONS_SCHEMA, synchronous: 'FULL', secureDelete: true });
  const quick = openSqliteSql({ file, schema: OPERATIONS_SCHEMA, synchronous: 'NORMAL' });
  return createOperations<R>({ durable, quick }, clock);
}
