import type { Log } from '../log.js';

/** Tells of a fault that may come again and again. `words` say what failed and how often in a row. */
export type TellFault = (words: string, error: unknown) => void;

/** In full, with its stack, when it is another one than the last; else in one short line. */
export function createFaultLog(log: Pick<Log, 'error'>): TellFault & { recovered(): void } {
  let last: string | undefined;
  const tell = (words: string, error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    if (text === last) log.error(`${words}: ${text}`);
    else log.error(words, error);
    last = text;
  };
  return Object.assign(tell, { recovered: () => void (last = undefined) });
}
