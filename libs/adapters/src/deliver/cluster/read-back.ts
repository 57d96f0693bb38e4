import type { KubernetesObject } from '../../plan/objects.js';
import type { LiveObject } from './cluster.js';
import { differences } from './differences.js';

/**
 * Where what stands is not what was applied, such as `spec.http[0].route[0].weight`; empty when it reads back equal.
 * Fields that the server or others have added are no difference. Costs no request.
 */
export function readBack(applied: KubernetesObject, live: LiveObject): string[] {
  return differences(applied['spec'], live['spec'], 'spec', { extraAllowed: true });
}
