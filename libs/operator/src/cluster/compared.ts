import type { LiveObject } from '@waybill/adapters';
import { identity, referenceOfObject } from '../release-resource/inventory.js';
import { fingerprint } from './fingerprint.js';

/** Objects as they were when they were the same as their plan: what has not changed since need not be compared again. */
export interface Compared {
  has(release: string, object: LiveObject): boolean;
  set(release: string, object: LiveObject): void;
  /** From here on everything of the Release is compared once more. */
  forget(release: string): void;
}

export function createCompared(): Compared {
  const prints = new Map<string, Map<string, string>>();
  const keyOf = (object: LiveObject): string => identity(referenceOfObject(object));
  return {
    has: (release, object) => prints.get(release)?.get(keyOf(object)) === fingerprint(object),
    set(release, object) {
      const known = prints.get(release) ?? new Map<string, string>();
      prints.set(release, known.set(keyOf(object), fingerprint(object)));
    },
    forget: (release) => void prints.delete(release),
  };
}
