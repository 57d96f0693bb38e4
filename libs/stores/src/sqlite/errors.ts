import { RetryableError, WaybillError } from '@waybill/kernel';

/** Codes under which SQLite reports that the file system has no room left. */
const NO_ROOM = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT']);

/** An error of SQLite or the file system as one a caller can act on. A WaybillError stays what it is. */
export function storeError(error: unknown, file: string): WaybillError {
  if (error instanceof WaybillError) return error;
  const code = codeOf(error);
  const said = messageOf(error);
  if (NO_ROOM.has(code)) {
    return new RetryableError('DISK_FULL', `no room left on the disk of ${file}`, {
      hint: 'Free some space; nothing of what was acknowledged is lost, and the same request may be repeated.',
      cause: error,
    });
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return corrupt(file, said, error);
  if (
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    property(error, 'name') === 'TypeError'
  ) {
    return new WaybillError('STORE_UNAVAILABLE', `cannot write to ${file}: ${said}`, {
      hint: 'Check that the folder exists and that this user may write to it.',
      cause: error,
    });
  }
  return new RetryableError('STORE_UNAVAILABLE', `${file} does not answer: ${said}`, {
    hint: 'Whether the last write was kept is not known: repeat it with the same ids.',
    cause: error,
  });
}

export function corrupt(file: string, what: string, cause?: unknown): WaybillError {
  return new WaybillError('STORE_CORRUPT', `${file} is damaged: ${what}`, {
    hint: 'Stop Waybill, keep a copy of the file, and restore it from a backup.',
    cause,
  });
}

// By shape, not `instanceof Error`: the native module keeps the error class of the realm that loaded it first.

/** SQLite's or the system's own code, such as `SQLITE_FULL` or `EACCES`; empty when there is none. */
export function codeOf(error: unknown): string {
  return property(error, 'code');
}

export function messageOf(error: unknown): string {
  return property(error, 'message') || String(error);
}

function property(error: unknown, name: 'code' | 'message' | 'name'): string {
  const value: unknown = error !== null && typeof error === 'object' ? (error as Record<string, unknown>)[name] : '';
  return typeof value === 'string' ? value : '';
}
