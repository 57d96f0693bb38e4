import { harmless } from './output/words.js';

/** Exit codes that scripts rely on; the same as those of `gh`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, auth: 4, pending: 8 } as const;

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** The ledger refused, or could not be asked. `code` is the ledger's own, or one of the CLI's below. */
export class LedgerError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly fields: readonly FieldProblem[];

  constructor(
    code: string,
    message: string,
    details: { hint?: string | undefined; fields?: readonly FieldProblem[] } = {},
  ) {
    super(message);
    this.name = 'LedgerError';
    this.code = code;
    this.hint = details.hint;
    this.fields = details.fields ?? [];
  }
}

/** The command line itself is wrong: nothing was sent. */
export function usageError(message: string, hint?: string): LedgerError {
  return new LedgerError('USAGE', message, { hint });
}

/** Exit code for an error code. Wrong input is a usage error wherever it is found: here or by the ledger. */
export function exitCodeOf(code: string): number {
  switch (code) {
    case 'USAGE':
    case 'INVALID_INPUT':
    case 'BAD_USER_INPUT':
      return EXIT.usage;
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return EXIT.auth;
    default:
      return EXIT.failed;
  }
}

/** The lines a person reads: what was wrong, each field, what to do. Never what a terminal would obey. */
export function describeError(error: unknown): string {
  if (!(error instanceof LedgerError)) {
    return harmless(`waybill: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  const lines = [`waybill: ${error.message}`];
  for (const { field, message } of error.fields) {
    const line = `${field}: ${message}`;
    // A single problem often is the message already.
    if (!error.message.includes(line)) lines.push(`  ${line}`);
  }
  if (error.hint) lines.push(`hint: ${error.hint}`);
  return lines.map((line) => harmless(`${line}\n`)).join('');
}
