/** Requests of one Release that are under way at once: past this the API server is no faster. */
const LIMIT = 16;

/** The results in the order of the items. After a failure nothing more is begun; rejects with the first one. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  let failed = false;
  const runner = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (failed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All of them: what has begun is finished before anybody hears of the failure.
  const ended = await Promise.allSettled(Array.from({ length: Math.min(LIMIT, items.length) }, runner));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return results;
}
