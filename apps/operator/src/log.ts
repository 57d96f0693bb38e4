import type { OperatorLog } from '@waybill/operator';

/** One line each to stderr: time, level, words and `name=value` pairs. */
export function createLog(
  write: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): OperatorLog {
  const line = (level: string, message: string): void =>
    write(`${new Date().toISOString()} ${level} ${message.replaceAll('\n', ' | ')}`);
  return {
    info: (message) => line('info', message),
    warn: (message) => line('warn', message),
    error: (message) => line('error', message),
  };
}
