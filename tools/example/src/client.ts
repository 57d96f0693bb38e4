/** What the ledger refused, in its words. */
export class Refusal extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly fields: readonly { readonly field: string; readonly message: string }[];

  constructor(message: string, extensions: Record<string, unknown>) {
    super(message);
    this.name = 'Refusal';
    this.code = String(extensions['code'] ?? 'FAILED');
    this.hint = typeof extensions['hint'] === 'string' ? extensions['hint'] : undefined;
    this.fields = Array.isArray(extensions['fields']) ? (extensions['fields'] as Refusal['fields']) : [];
  }
}

export interface Client {
  /** Runs a query or mutation; throws {@link Refusal} with the ledger's first error. */
  ask<T = Record<string, unknown>>(document: string, variables?: Record<string, unknown>): Promise<T>;
  /** The same ledger, asked by somebody else. */
  as(token: string): Client;
}

/** Pauses before the tries after the first one, in milliseconds: every call here may be repeated. */
const PAUSES = [100, 300, 900, 2000];

/** A GraphQL client that sees its own writes: it names the newest position it wrote with every later question. */
export function connect(url: string, token: string, written: { position?: string } = {}): Client {
  return {
    async ask<T>(document: string, variables: Record<string, unknown> = {}): Promise<T> {
      const body = JSON.stringify({ query: document, variables });
      const text = await post(`${url}/graphql`, body, {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(written.position === undefined ? {} : { 'waybill-read-after': written.position }),
      });
      const answer = JSON.parse(text) as {
        data?: Record<string, { position?: string } | null>;
        errors?: { message: string; extensions?: Record<string, unknown> }[];
      };
      const error = answer.errors?.[0];
      if (error) throw new Refusal(error.message, error.extensions ?? {});
      const position = Object.values(answer.data ?? {})[0]?.position;
      if (typeof position === 'string') written.position = position;
      return answer.data as T;
    },
    as: (other) => connect(url, other, written),
  };
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<string> {
  for (const pause of [...PAUSES, undefined]) {
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(30_000) });
      return await response.text();
    } catch (error) {
      if (pause === undefined) throw new Error(`the ledger at ${url} does not answer any more`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  throw new Error('unreachable');
}
