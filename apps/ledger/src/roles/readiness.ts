/** Whether the process does all that it was started for. */
export interface Readiness {
  /** Something to wait for, by name. */
  await(what: string): void;
  reached(what: string): void;
  /** Empty: ready. */
  waitingFor(): readonly string[];
}

export function createReadiness(): Readiness {
  const waiting = new Set<string>();
  return {
    await: (what) => void waiting.add(what),
    reached: (what) => void waiting.delete(what),
    waitingFor: () => [...waiting],
  };
}
