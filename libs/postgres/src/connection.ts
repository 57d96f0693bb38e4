import { WaybillError } from '@waybill/kernel';
import { Client, Pool, types, type ClientConfig, type PoolConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';

/** How to reach a PostgreSQL database, and for what. */
export interface Server {
  /** What is kept there, in messages: `the views`. */
  readonly holds: string;
  /** The setting that names it: `WAYBILL_VIEWS`. */
  readonly setting: string;
  /** `host:port/database`, without credentials: for messages and logs. */
  readonly name: string;
  readonly config: ClientConfig;
}

/** Longest time to open a connection, and to wait for any answer but that of an index build. Milliseconds. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 60_000;

/** Throws `CONFIGURATION` for an address that cannot be read; neither message nor cause holds the address. */
export function serverOf(url: string, { holds, setting }: Pick<Server, 'holds' | 'setting'>): Server {
  let config: ClientConfig;
  try {
    config = parseIntoClientConfig(url);
  } catch {
    throw new WaybillError('CONFIGURATION', `the address of ${holds} cannot be read`, {
      hint: 'Give postgres://user:password@host:5432/database, with special characters of the password as %XX.',
    });
  }
  // What the address leaves out comes from PGHOST and its like: a client that never connects tells what will be used.
  const { host, port, database } = new Client(config);
  return { holds, setting, name: `${host}:${port}/${database ?? ''}`, config };
}

/** Positions and counts as numbers: they are integers far below 2^53. */
const BIGINT = 20;
const asNumbers: PoolConfig['types'] = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === BIGINT ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

function connectionConfig({ config, holds }: Server, settings: Readonly<Record<string, string>>): ClientConfig {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return {
    ...config,
    ...(options.length > 0 ? { options: [config.options, ...options].filter(Boolean).join(' ') } : {}),
    types: asNumbers!,
    application_name: holds.replace(/^the /, 'waybill '),
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
  };
}

/** Connections that are opened when needed; `settings` hold for each of them. */
export function openPool(
  server: Server,
  {
    max,
    settings = {},
    pipeline = false,
  }: {
    readonly max: number;
    readonly settings?: Readonly<Record<string, string>>;
    /** Queries go out without waiting for the answer to the one before. */
    readonly pipeline?: boolean;
  },
): Pool {
  const pool = new Pool({ ...connectionConfig(server, settings), max, pipeline });
  // A connection that breaks between two queries is thrown away; what matters is told by the next query.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** One connection that is there to stay. */
export async function connect(server: Server): Promise<Client> {
  const client = new Client({ ...connectionConfig(server, {}), pipeline: true });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A query that may take as long as it needs. */
export const PATIENT = { query_timeout: 24 * 60 * 60 * 1000 };
