import type { LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';

/** Lines about the process for whoever runs it: never a token, never the content of a request. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  /** `error` may carry a stack: the log is the one place where it belongs. */
  error(message: string, error?: unknown): void;
}

export function createLog(write: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)): Log {
  const line = (level: string, message: string): void => write(`${new Date().toISOString()} ${level} ${message}`);
  return {
    info: (message) => line('info', message),
    warn: (message) => line('warn', message),
    error: (message, error) => line('error', error === undefined ? message : `${message}: ${oneLine(error)}`),
  };
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
  return text.replaceAll('\n', ' | ');
}

/** Nest tells it before it throws it; whoever asked to listen tells it once, and what to do. */
const CANNOT_LISTEN = /^Error: (listen|getaddrinfo) E[A-Z]+/;

/** Nest's own words: warnings and errors only, each on one line. Its account of the start is of no use to anybody. */
export function nestLogger(log: Log): LoggerService {
  return {
    log: () => undefined,
    debug: () => undefined,
    verbose: () => undefined,
    warn: (message: unknown) => log.warn(String(message)),
    error(message: unknown, stack?: unknown) {
      if (!CANNOT_LISTEN.test(String(message))) log.error(String(message), stack);
    },
    fatal: (message: unknown, stack?: unknown) => log.error(String(message), stack),
  };
}
