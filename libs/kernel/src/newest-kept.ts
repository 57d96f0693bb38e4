export interface NewestKept<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value, weight?: number): void;
}

/** Keeps what was used last, up to a total weight (an entry weighs 1 when nothing else is said). */
export function newestKept<Value>(maxWeight: number): NewestKept<Value> {
  const entries = new Map<string, { value: Value; weight: number }>();
  let total = 0;
  const remove = (key: string): void => {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, weight = 1) {
      remove(key);
      entries.set(key, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= maxWeight) break;
        remove(oldest);
      }
    },
  };
}
