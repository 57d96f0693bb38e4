import type { Facts } from '../release-resource/release.js';

type Heals = NonNullable<Facts['heals']>;

/** After so long without healing the next change is healed at once. */
const QUIET_MS = 10 * 60_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** Milliseconds until we may heal again: none at first, then doubling with every time in a row. */
export function patience(heals: Heals | undefined, now: Date): number {
  if (!heals) return 0;
  const since = now.getTime() - Date.parse(heals.lastAt);
  if (since > QUIET_MS) return 0;
  return Math.max(0, Math.min(FIRST_WAIT_MS * 2 ** (heals.inARow - 1), LONGEST_WAIT_MS) - since);
}

/** What is known once we have healed one time more. */
export function withOneMore(heals: Heals | undefined, now: Date): Heals {
  const quiet = !heals || now.getTime() - Date.parse(heals.lastAt) > QUIET_MS;
  return { total: (heals?.total ?? 0) + 1, inARow: quiet ? 1 : heals.inARow + 1, lastAt: now.toISOString() };
}
