import type { DesiredState } from '@waybill/channel';
import type { Capabilities } from './capabilities.js';
import type { KubernetesObject } from './objects.js';
import type { Tracks } from './tracks.js';

export interface PlanInput {
  readonly desired: DesiredState;
  readonly generation: number;
  readonly capabilities: Capabilities;
  readonly tracks: Tracks;
  /** The resource of the planner's own kind. */
  readonly resource: DesiredState['resources'][number];
}

/** Pure: the same input gives the same objects. Throws {@link RejectedError} for what the kind cannot do. */
export type Planner = (input: PlanInput) => readonly KubernetesObject[];
