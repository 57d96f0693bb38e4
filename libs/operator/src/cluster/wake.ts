/** Calls back for a key when its time has come. A new time replaces the old one. */
export interface Wake {
  after(key: string, ms: number): void;
  cancel(key: string): void;
  stop(): void;
}

/** Longest delay a timer of Node takes. */
const LONGEST_MS = 2 ** 31 - 1;

export function createWake(ring: (key: string) => void): Wake {
  const timers = new Map<string, NodeJS.Timeout>();
  const cancel = (key: string): void => {
    clearTimeout(timers.get(key));
    timers.delete(key);
  };
  return {
    after(key, ms) {
      cancel(key);
      const wait = Math.min(Math.max(ms, 0), LONGEST_MS);
      timers.set(
        key,
        setTimeout(() => {
          timers.delete(key);
          ring(key);
        }, wait),
      );
    },
    cancel,
    stop() {
      for (const key of [...timers.keys()]) cancel(key);
    },
  };
}
