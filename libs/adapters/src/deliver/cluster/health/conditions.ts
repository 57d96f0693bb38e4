import type { Health } from '../cluster.js';
import { type Json, listAt, numberAt, textAt } from '../json-fields.js';
import { inProgress } from './verdict.js';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** The generation it is about; undefined where the kind does not say. */
  readonly observedGeneration: number | undefined;
}

/** The conditions of a status, or of a part of it. */
export function conditionsOf(value: Json): readonly Condition[] {
  return listAt(value, 'conditions').map((condition) => ({
    type: textAt(condition, 'type') ?? '',
    status: textAt(condition, 'status') ?? '',
    reason: textAt(condition, 'reason') ?? '',
    message: textAt(condition, 'message') ?? '',
    observedGeneration: numberAt(condition, 'observedGeneration'),
  }));
}

export function conditionOf(value: Json, type: string): Condition | undefined {
  return conditionsOf(value).find((condition) => condition.type === type);
}

/** The server's words, or ours where it gave none. */
export function wordsOf({ type, status, reason, message }: Condition): string {
  return message || reason || `${type} is ${status}`;
}

export function notReported(type: string): Health {
  return inProgress(`${type}NotReported`, `The controller has not yet said whether it is ${type}`);
}

/** A verdict of a condition that is about an earlier generation is no verdict. */
export function isStale({ observedGeneration }: Condition, generation: number | undefined): boolean {
  return observedGeneration !== undefined && generation !== undefined && observedGeneration < generation;
}

export function stale({ type, observedGeneration }: Condition, generation: number | undefined): Health {
  return inProgress(
    'LatestGenerationNotObserved',
    `${type} is about generation ${observedGeneration}; the object is at ${generation}`,
  );
}
