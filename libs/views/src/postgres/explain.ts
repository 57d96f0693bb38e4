import { type Server, TableGone, explained as inWords } from '@waybill/postgres';
import { DatabaseGone } from '../engine.js';

/** As PostgreSQL's errors are told everywhere; a table that is gone is a build of the views that was replaced. */
export function explained(error: unknown, server: Server): unknown {
  const told = inWords(error, server);
  return told instanceof TableGone ? new DatabaseGone(told.message, { cause: told.cause }) : told;
}
