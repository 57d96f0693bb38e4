import { machineText } from '@waybill/domain';
import type { Progress } from '../../release-resource/release.js';
import type { Pass } from '../pass.js';

type Returning = NonNullable<Progress['returning']>;

/** The candidate is not to take the place of what runs: it is written down, and from then on only the way back is open. */
export function giveUp(pass: Pass, why: Returning['why'], reason: string, message: string): void {
  const { progress } = pass.facts;
  if (!progress || progress.returning) return;
  const { paused: _, ...kept } = progress;
  const since = pass.world.now().toISOString();
  const returning = { why, reason: reason.slice(0, 100), message: machineText(message), since };
  pass.set({ progress: { ...kept, returning }, delay: undefined });
}
