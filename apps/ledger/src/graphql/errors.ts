import { unwrapResolverError } from '@apollo/server/errors';
import { type ErrorCode, WaybillError } from '@waybill/kernel';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { randomUUID } from 'node:crypto';

/** Codes that GraphQL servers agree on; every other code keeps its own name. */
const CODES: Partial<Record<ErrorCode, string>> = {
  INVALID_INPUT: 'BAD_USER_INPUT',
  INVALID_EVENT: 'BAD_USER_INPUT',
  EVENT_TOO_LARGE: 'BAD_USER_INPUT',
  UNKNOWN_EVENT: 'INTERNAL_SERVER_ERROR',
};

/** HTTP status of a request that was refused before anything of it was executed. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  TIMEOUT: 503,
};

/** What the outside hears of an error: `extensions.code`, and `hint` and `fields` where they help. */
export function toGraphqlError(error: WaybillError): GraphQLError {
  const status = STATUS[error.code];
  return new GraphQLError(error.message, {
    extensions: { ...extensionsOf(error), ...(status === undefined ? {} : { http: { status } }) },
  });
}

function extensionsOf(error: WaybillError): Record<string, unknown> {
  return {
    code: CODES[error.code] ?? error.code,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.fields.length === 0 ? {} : { fields: error.fields }),
  };
}

/**
 * Maps every error of an answer. What nobody foresaw is told to `onUnexpected` under an id, and the outside hears the
 * id only: neither words nor stack of an inner failure leave the process.
 */
export function formatErrors(
  onUnexpected: (id: string, error: unknown) => void,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const original = unwrapResolverError(error);
    if (original instanceof WaybillError) {
      return { ...formatted, message: original.message, extensions: extensionsOf(original) };
    }
    const code = formatted.extensions?.['code'];
    if (code === 'GRAPHQL_PARSE_FAILED' && /call stack/.test(formatted.message)) {
      return { message: 'Syntax Error: the text nests too deep to be read', extensions: { code } };
    }
    if (original instanceof GraphQLError && code !== 'INTERNAL_SERVER_ERROR') {
      const { stacktrace: _, http: _http, ...extensions } = formatted.extensions ?? {};
      return { ...formatted, extensions };
    }
    const id = randomUUID();
    onUnexpected(id, original);
    return {
      message: `something went wrong inside the ledger (${id})`,
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { code: 'INTERNAL_SERVER_ERROR', id, hint: `The ledger's log has more under ${id}.` },
    };
  };
}
