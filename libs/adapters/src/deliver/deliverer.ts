import type { DesiredRecord } from '@waybill/channel';
import { type EnvironmentId, environmentName } from '@waybill/domain';
import type { Capabilities } from '../plan/capabilities.js';
import type { Plan } from '../plan/plan-objects.js';
import { RejectedError } from '../plan/rejected.js';

/** What a target holds of one environment. */
export interface Applied {
  readonly generation: number;
  readonly state: 'present' | 'absent';
  /** Digest of the desired state; null when absent. */
  readonly digest: string | null;
  readonly inventoryHash: string | null;
  /** Commit that brought it there; null where delivery makes none. */
  readonly commit: string | null;
}

export interface Delivered {
  /** Null where delivery makes no commit, and where a removal found nothing to remove. */
  readonly commit: string | null;
  readonly durationMs: number;
}

/** An environment whose target differs from what was applied. */
export interface Drift {
  readonly environment: EnvironmentId;
  readonly generation: number;
  /** What differs, at least one. */
  readonly paths: readonly string[];
  /** Commit of the newest edit; null where there is none to name. */
  readonly commit: string | null;
}

/**
 * One way of bringing planned objects to a location. The target itself remembers the generation it holds, so an
 * operator may be killed at any moment and asks again. Every method may reject with a fault that passes; what will
 * never work is a {@link RejectedError}.
 */
export interface Deliverer {
  capabilities(): Promise<Capabilities>;
  /** Null when the target never held anything of the environment. */
  inspect(environment: EnvironmentId): Promise<Applied | null>;
  /**
   * Makes the target hold exactly the plan. Repeating a generation with the same digest changes nothing and returns
   * the earlier result. Rejects with `LowerGeneration`, or with `DigestMismatch` when the target holds the same
   * generation of something else: both are looked for in the moment of writing.
   */
  apply(record: DesiredRecord, plan: Plan): Promise<Delivered>;
  /** Removes everything of the environment. Repeating is harmless; a lower generation is refused. */
  remove(record: DesiredRecord): Promise<Delivered>;
  /** Those of the `delivered` environments that differ now. Cheap when nothing happened since the last look. */
  drift(delivered: readonly DesiredRecord[]): Promise<readonly Drift[]>;
  close(): Promise<void>;
}

/**
 * Whether the target holds the record already. Throws `LowerGeneration` when it holds a newer one, and
 * `DigestMismatch` when it holds something else under the same generation.
 */
export function standsAt(record: DesiredRecord, applied: Applied | null): boolean {
  if (!applied || record.generation > applied.generation) return false;
  const name = environmentName(record.environment);
  if (record.generation < applied.generation) {
    throw new RejectedError(
      'LowerGeneration',
      `${name} stands at generation ${applied.generation}: generation ${record.generation} comes too late`,
    );
  }
  if (record.state === applied.state && record.digest === applied.digest) return true;
  throw new RejectedError('DigestMismatch', `${name} holds something else as generation ${record.generation}`, {
    hint: 'See whether two ledgers deliver to the same target.',
  });
}
