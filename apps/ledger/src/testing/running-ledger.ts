import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RoleName, readConfiguration } from '../configuration.js';
import { type LedgerProcess, startLedger } from '../ledger-process.js';
import { createLog } from '../log.js';

export interface Answer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string; readonly fields?: readonly { field: string; message: string }[] };
  }[];
  readonly position: string | null;
  readonly ledger: string | null;
}

export interface RunningLedger {
  readonly url: string;
  readonly folder: string;
  readonly adminToken: string;
  readonly process: LedgerProcess;
  /** Lines of the log so far. */
  readonly lines: readonly string[];
  ask(query: string, options?: AskOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly variables?: Record<string, unknown>;
  /** Default: the admin's; null sends none. */
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

/** A real ledger in a temporary folder on a free port: real stores, real HTTP. */
export async function startRunningLedger(
  roles: readonly RoleName[] = ['api', 'projector'],
  clock?: () => string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningLedger> {
  const folder = environment['WAYBILL_DATA'] ?? (await mkdtemp(join(tmpdir(), 'waybill-ledger-')));
  const lines: string[] = [];
  const configuration = readConfiguration([], {
    WAYBILL_DATA: folder,
    WAYBILL_LISTEN: '127.0.0.1:0',
    WAYBILL_ROLES: roles.join(','),
    ...environment,
  });
  const ledger = await startLedger(
    configuration,
    createLog((line) => void lines.push(line)),
    clock,
  );
  const url = ledger.parts.address.url();
  const adminToken = (await readFile(join(folder, 'admin-token'), 'utf8')).trim();
  return {
    url,
    folder,
    adminToken,
    process: ledger,
    lines,
    async ask(query, { variables, token = adminToken, headers } = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      const body = (await response.json()) as Partial<Answer> & {
        extensions?: { position?: string | null; ledger?: string };
      };
      return {
        status: response.status,
        data: body.data ?? null,
        errors: body.errors ?? [],
        position: body.extensions?.position ?? null,
        ledger: body.extensions?.ledger ?? null,
      };
    },
    async stop() {
      await ledger.stop();
      await rm(folder, { recursive: true });
    },
  };
}
