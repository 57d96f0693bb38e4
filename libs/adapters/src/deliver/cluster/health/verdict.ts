import type { KubernetesObject } from '../../../plan/objects.js';
import type { Health, LiveObject } from '../cluster.js';

/** What an object alone does not tell. */
export interface HealthExtra {
  /** Now, for rules that wait a while; the clock otherwise. */
  readonly now?: Date;
  /** What was applied, for kinds that report nothing: they are current when they are read back as they were applied. */
  readonly applied?: KubernetesObject;
}

/** How one kind does, once it is known that it is not being deleted and that its controller has seen this generation. */
export type HealthRule = (object: LiveObject, extra: HealthExtra) => Health;

export const current = (reason: string, message: string): Health => ({ status: 'current', reason, message });
export const inProgress = (reason: string, message: string): Health => ({ status: 'in-progress', reason, message });
export const failed = (reason: string, message: string): Health => ({ status: 'failed', reason, message });
export const suspended = (reason: string, message: string): Health => ({ status: 'suspended', reason, message });
