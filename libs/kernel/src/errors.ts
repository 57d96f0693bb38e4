/**
 * Every error a caller can act on. `code` is stable and mapped once to GraphQL, HTTP and exit codes; `message` says
 * what was wrong and where; `hint` says what to do; `fields` names the offending inputs (dotted paths).
 */
export type ErrorCode =
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'INVALID_STATE'
  | 'COMMAND_ID_CONFLICT'
  | 'EVENT_ID_CONFLICT'
  | 'REVISION_CONFLICT'
  | 'INVALID_EVENT'
  | 'EVENT_TOO_LARGE'
  | 'CONTENT_TOO_LARGE'
  | 'CONTENT_NOT_FOUND'
  | 'SECRET_FOUND'
  | 'CLOCK_WENT_BACKWARDS'
  | 'STORE_UNAVAILABLE'
  | 'STORE_CORRUPT'
  | 'DISK_FULL'
  | 'DATA_IN_USE'
  | 'UNKNOWN_EVENT'
  | 'TIMEOUT'
  | 'GIT_FAILED'
  | 'CLUSTER_FAILED'
  | 'CONFIGURATION';

export interface FieldProblem {
  /** Dotted path into the input, such as `ports.0.port`. */
  readonly field: string;
  readonly message: string;
}

export class WaybillError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly fields: readonly FieldProblem[];

  constructor(
    code: ErrorCode,
    message: string,
    details: { hint?: string | undefined; fields?: readonly FieldProblem[]; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'WaybillError';
    this.code = code;
    this.hint = details.hint;
    this.fields = details.fields ?? [];
  }
}

/** A fault that may pass by itself: the caller may try again with backoff. Everything else is final. */
export class RetryableError extends WaybillError {
  constructor(code: ErrorCode, message: string, details: { hint?: string; cause?: unknown } = {}) {
    super(code, message, details);
    this.name = 'RetryableError';
  }
}

export function isWaybillError(error: unknown, code?: ErrorCode): error is WaybillError {
  return error instanceof WaybillError && (code === undefined || error.code === code);
}
