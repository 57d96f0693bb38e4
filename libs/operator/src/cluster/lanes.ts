/** Work of one key at a time and in order; what is held up lets the work of other keys go on beside it. */
export interface Lanes {
  /**
   * Resolves when the work is done, or once it calls `heldUp`; behind one that is held up, at once. Rejects when the work
   * does before that: what it rejects with later is nobody's, so it has to tell by itself.
   */
  run(key: string, work: (heldUp: () => void) => Promise<void>): Promise<void>;
}

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<void>>();

  return {
    async run(key, work) {
      const before = tails.get(key);
      let heldUp: () => void = () => undefined;
      const waits = new Promise<void>((resolve) => (heldUp = resolve));
      const done = (before ?? Promise.resolve()).then(() => work(heldUp));
      const tail = done
        .catch(() => undefined)
        .then(() => {
          if (tails.get(key) === tail) tails.delete(key);
        });
      tails.set(key, tail);
      if (!before) await Promise.race([done, waits]);
    },
  };
}
