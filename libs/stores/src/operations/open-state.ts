import { WaybillError, systemClock, type Clock } from '@waybill/kernel';
import { serverOf } from '@waybill/postgres';
import { join } from 'node:path';
import type { BlobStore } from '../blobs/blob-store.js';
import { createBlobStore } from '../blobs/create-blob-store.js';
import { openSqliteBlobStore } from '../blobs/sqlite-blob-store.js';
import { migratePostgres } from '../sql/postgres-schema.js';
import { openPostgresSql } from '../sql/postgres-sql.js';
import { createOperations, openOperations, type Operations } from './operations.js';
import type { Retainable } from './retained.js';
import { POSTGRES_MIGRATIONS } from './schema.js';

/** Operational state and contents: what several processes of one ledger have to share. */
export interface State<R extends Retainable> {
  readonly operations: Operations<R>;
  readonly blobs: BlobStore;
}

const SCHEMA = 'waybill_state';

/**
 * The state that an address names: `sqlite:` (files in the data folder), or `postgres://…`, in the schema
 * `waybill_state` or the one that `?schema=` names. Throws `CONFIGURATION` for any other; the message holds no
 * credentials.
 */
export async function openState<R extends Retainable = Retainable>(
  url: string,
  { folder, clock = systemClock }: { readonly folder: string; readonly clock?: Clock },
): Promise<State<R>> {
  switch (/^([a-z]+):/.exec(url)?.[1]) {
    case 'sqlite': {
      const operations = openOperations<R>({ file: join(folder, 'operations.sqlite'), clock });
      return { operations, blobs: openSqliteBlobStore({ file: join(folder, 'contents.sqlite') }) };
    }
    case 'postgres':
    case 'postgresql':
      return openPostgresState(url, clock);
    default:
      throw new WaybillError('CONFIGURATION', 'the address of the state is neither sqlite: nor postgres://…', {
        hint: 'Set WAYBILL_STATE to sqlite: or to an address such as postgres://waybill@host:5432/waybill.',
      });
  }
}

async function openPostgresState<R extends Retainable>(url: string, clock: Clock): Promise<State<R>> {
  const { schema, rest } = schemaOf(url);
  const server = serverOf(rest, { holds: 'the state', setting: 'WAYBILL_STATE' });
  await migratePostgres(server, schema, POSTGRES_MIGRATIONS);
  const durable = openPostgresSql({ server, schema, synchronous: 'FULL' });
  const quick = openPostgresSql({ server, schema, synchronous: 'NORMAL' });
  const contents = openPostgresSql({ server, schema, synchronous: 'FULL' });
  return { operations: createOperations<R>({ durable, quick }, clock), blobs: createBlobStore(contents, server.name) };
}

/** What is ours in the address; the rest is PostgreSQL's. */
function schemaOf(url: string): { readonly schema: string; readonly rest: string } {
  const given = /[?&]schema=([^&]*)/.exec(url);
  const schema = given ? given[1]! : SCHEMA;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new WaybillError('CONFIGURATION', 'the schema in the address of the state is no name', {
      hint: 'Give ?schema= lower-case letters, digits and _, 63 at most.',
    });
  }
  return { schema, rest: url.replace(/([?&])schema=[^&]*&?/, '$1').replace(/[?&]$/, '') };
}
