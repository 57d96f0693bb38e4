import { type FieldProblem, LedgerError } from '../exit.js';
import type { Connection } from './connection.js';

interface GraphQLAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { message?: string; extensions?: Record<string, unknown> }[];
}

/** The data of a GraphQL answer; throws what the ledger said when it refused. */
export function answerOf<T>(connection: Connection, status: number, text: string): T {
  const answer = parse(text);
  if (!answer) {
    throw new LedgerError('UNREACHABLE', `${connection.url} answered HTTP ${status}, but not as a ledger does`, {
      hint: 'check WAYBILL_URL: it is the address without /graphql',
    });
  }
  const error = answer.errors?.[0];
  if (error) throw refusal(connection, error);
  if (answer.data === undefined || answer.data === null) {
    throw new LedgerError('UNREACHABLE', `${connection.url} answered HTTP ${status} without data`);
  }
  return answer.data as T;
}

function parse(text: string): GraphQLAnswer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return 'data' in value || 'errors' in value ? (value as GraphQLAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(
  connection: Connection,
  error: { message?: string; extensions?: Record<string, unknown> },
): LedgerError {
  const { code, hint, fields } = error.extensions ?? {};
  const ownHint =
    code === 'UNAUTHENTICATED'
      ? connection.token === undefined
        ? 'set WAYBILL_TOKEN, or WAYBILL_DATA to the data folder that holds admin-token'
        : `the token came from ${connection.tokenFile ?? 'WAYBILL_TOKEN'}: is it of this ledger (${connection.url})?`
      : undefined;
  return new LedgerError(typeof code === 'string' ? code : 'FAILED', error.message ?? 'the ledger refused', {
    hint: typeof hint === 'string' && code !== 'UNAUTHENTICATED' ? hint : (ownHint ?? (hint as string | undefined)),
    fields: Array.isArray(fields) ? fields.filter(isFieldProblem) : [],
  });
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return typeof value === 'object' && value !== null && 'field' in value && 'message' in value;
}
