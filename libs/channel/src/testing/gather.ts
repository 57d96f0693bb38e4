/** Collects what handlers are given, so that a test can wait for the n-th without a clock. */
export interface Gathering<T> {
  readonly add: (item: T) => Promise<void>;
  readonly addAll: (items: readonly T[]) => Promise<void>;
  /** Everything so far, once there are at least `count`. */
  first(count: number): Promise<readonly T[]>;
  all(): readonly T[];
}

export function gather<T>(): Gathering<T> {
  const items: T[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    add: (item) => addAll([item]),
    addAll,
    async first(count) {
      if (items.length < count) {
        await new Promise<void>((resolve) => {
          waiting.push({ count, resolve });
        });
      }
      return [...items];
    },
    all: () => [...items],
  };

  function addAll(more: readonly T[]): Promise<void> {
    items.push(...more);
    for (const { resolve } of waiting.filter(({ count }) => items.length >= count)) resolve();
    waiting = waiting.filter(({ count }) => items.length < count);
    return Promise.resolve();
  }
}
