/** How long writers that answer each other may keep the event loop from turning. Milliseconds. */
const LONGEST_TURN = 5;

export interface Turns {
  /** Something waits for the next commit. */
  schedule(): void;
}

/**
 * When to commit: once in a turn of the event loop, when its input was read, so that all that arrived share one commit.
 *
 * But a turn costs a tenth of a commit, and a lone writer needs one for each of its appends. So when everybody who was
 * answered has come back with the next append before anything else could run, there is nobody to wait for: the next commit
 * follows at once, for a few milliseconds on end at most.
 *
 * @param commit commits some of what waits; returns how many appends it answered
 * @param waiting how many wait
 */
export function createTurns(commit: () => number, waiting: () => number): Turns {
  let scheduled = false;
  let began = 0;

  const turn = (): void => {
    began = performance.now();
    commitAndLookAgain();
  };

  const commitAndLookAgain = (): void => {
    const answered = commit();
    // All promises that the answers settle run before the queue of microtasks is empty, and `nextTick` comes after it.
    queueMicrotask(() => process.nextTick(lookAgain, answered));
  };

  const lookAgain = (answered: number): void => {
    if (waiting() === 0) scheduled = false;
    else if (waiting() >= answered && performance.now() - began < LONGEST_TURN) commitAndLookAgain();
    else setImmediate(turn);
  };

  return {
    schedule() {
      if (scheduled) return;
      scheduled = true;
      setImmediate(turn);
    },
  };
}
