import type { LiveObject } from '@waybill/adapters';
import type { DesiredState } from '@waybill/channel';
import {
  type Directive,
  type EnvironmentId,
  type ObjectReference,
  type Observation,
  type Track,
  environmentName,
} from '@waybill/domain';

export const RELEASE_GROUP = 'waybill.dev';
export const RELEASE_VERSION = 'v1alpha1';
export const RELEASE_API_VERSION = `${RELEASE_GROUP}/${RELEASE_VERSION}`;
export const RELEASE_KIND = 'Release';

/** Keeps a deleted Release until its operator has seen that it was. */
export const RELEASE_FINALIZER = 'waybill.dev/prune';

/** Says which location's operator an object belongs to: two of them may share a cluster. */
export const LOCATION_LABEL = 'waybill.dev/location';

/** What one environment of this cluster is to be. Written from the desired record, by the inbox alone. */
export interface ReleaseSpec {
  readonly project: string;
  readonly slot: string;
  readonly location: string;
  /** Absent for a removal. */
  readonly releaseId?: string;
  readonly ref?: { readonly kind: string; readonly name: string };
  /** For people: the image by digest. */
  readonly image?: string;
  /** The ledger's generation of the environment; never that of the resource's own metadata. */
  readonly generation: number;
  /** SHA-256 of the RFC 8785 text of `desired`. */
  readonly digest?: string;
  readonly state: 'Present' | 'Absent';
  readonly correlationId: string;
  readonly causationId: string;
  readonly strategy?: string;
  /** Seconds from applied to rolled out after which the generation has failed. */
  readonly progressDeadlineSeconds: number;
  readonly driftPolicy: 'Heal' | 'Report';
  /** Set by people: nothing in the cluster is touched until it is taken back. */
  readonly suspend: boolean;
  readonly desired?: DesiredState;
  /** What somebody wants of the rollout of this generation; only the newest one is here. */
  readonly directive?: Directive;
}

/** One object that may stand in the cluster because of this Release. */
export interface InventoryEntry {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Known once it was applied. */
  readonly uid?: string;
  /** SHA-256 of the object as it was planned last. */
  readonly hash?: string;
}

/** Something that happened and that the ledger is to hear: written together with the state it describes. */
export interface Action {
  readonly generation: number;
  readonly releaseId?: string;
  readonly epoch: number;
  readonly seq: number;
  readonly occurredAt: string;
  readonly observation: Observation;
}

export interface Outcome {
  readonly phase: 'healthy' | 'failed' | 'rejected' | 'removed';
  readonly at: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Which version runs where. Outlives its generation, as the objects do. */
export interface StandingTracks {
  readonly active: Track;
  /** There from the moment on that a rollout in steps is decided until it has ended, either way. */
  readonly candidate?: Track;
  /** What the active track ran with when the candidate came: without a mesh it gives replicas up for it. */
  readonly replicas?: number;
  /** A newer generation is there: first of all the candidate loses its traffic. */
  readonly leaving?: boolean;
  /** When it had lost it. */
  readonly backAt?: string;
}

/** How far a rollout in steps has come; there from its decision to its end. */
export interface Progress {
  /** The last shift that was recorded; 0 while the candidate takes nothing. */
  readonly step: number;
  /** Shifts in all; the last one is to 100. */
  readonly of: number;
  /** Percent of traffic for the candidate, by the last shift. */
  readonly weight: number;
  /** The candidate was up and healthy. */
  readonly upAt?: string;
  /** The next shift was begun: some take more than one look. */
  readonly beganAt?: string;
  readonly shiftedAt?: string;
  /** The ledger was told of this pause. */
  readonly paused?: { readonly why: 'step' | 'directive' | 'preview'; readonly until?: string };
  /** Number of the newest directive that was acted on. */
  readonly directive?: number;
  /** The pause of this step is over. */
  readonly passed?: number;
  /** Somebody asked for all of the traffic at once. */
  readonly full?: boolean;
  /** Of the step at hand. */
  readonly analysis?: { readonly made: number; readonly failed: number; readonly at: string };
  /** Since when the candidate is not what it was when it came up. */
  readonly unwellSince?: string;
  /** It was given up: traffic goes back, then the candidate goes. */
  readonly returning?: {
    readonly why: 'failed' | 'aborted' | 'analysis';
    readonly reason: string;
    readonly message: string;
    readonly since: string;
    /** All traffic was at the active track again. */
    readonly backAt?: string;
  };
}

/**
 * What is known about the generation at hand. Everything else in the status follows from it, so that it can be taken
 * up again by another process at any point.
 */
export interface Facts {
  /** The ledger's generation that the rest is about. */
  readonly observedLedgerGeneration: number;
  readonly acceptedAt: string;
  /** Of this generation and of earlier ones: what is no longer planned is pruned at the end. */
  readonly inventory: readonly InventoryEntry[];
  /** Hash of the plan whose objects the inventory holds. */
  readonly inventoryHash?: string;
  /** Hash of the plan that was applied last. */
  readonly appliedHash?: string;
  readonly appliedAt?: string;
  readonly rolledOutAt?: string;
  readonly prunedAt?: string;
  readonly outcome?: Outcome;
  /** What keeps it from going on, and how often that was tried. */
  readonly delay?: {
    readonly attempt: number;
    readonly reason: string;
    readonly message: string;
    readonly since: string;
  };
  readonly drift?: { readonly paths: readonly string[]; readonly noticedAt: string };
  readonly heals?: { readonly total: number; readonly inARow: number; readonly lastAt: string };
  readonly suspended?: boolean;
  readonly tracks?: StandingTracks;
  readonly progress?: Progress;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export interface ReleaseStatus extends Facts {
  /** `metadata.generation` that was looked at. */
  readonly observedGeneration: number;
  /** Where it stands, in one word. */
  readonly step: string;
  /** For people: step, weight and why it waits; only while a rollout in steps is under way. */
  readonly rollout?: string;
  /** Not known to be with the ledger yet, oldest first. */
  readonly actions: readonly Action[];
  /** Number of the newest action. */
  readonly seq: number;
  /** The newest action that the ledger is known to have. */
  readonly reported?: { readonly generation: number; readonly epoch: number; readonly seq: number };
  readonly conditions: readonly Condition[];
}

export interface Release {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: LiveObject['metadata'];
  readonly spec: ReleaseSpec;
  readonly status?: ReleaseStatus;
}

/** The API server checked it against the CRD. */
export const asRelease = (object: LiveObject): Release => object as unknown as Release;

export const asObject = (release: Release): LiveObject => release as unknown as LiveObject;

/** A write of the spec takes no status. */
export const withoutStatus = ({ apiVersion, kind, metadata, spec }: Release): Release => ({
  apiVersion,
  kind,
  metadata,
  spec,
});

/** One Release an environment, all in the operator's namespace. */
export const releaseName = ({ project, slot }: Pick<EnvironmentId, 'project' | 'slot'>): string =>
  `${project}--${slot}`;

export const releaseReference = (namespace: string, name: string): ObjectReference => ({
  group: RELEASE_GROUP,
  version: RELEASE_VERSION,
  kind: RELEASE_KIND,
  namespace,
  name,
});

export const environmentOf = ({ spec: { project, slot, location } }: Pick<Release, 'spec'>): EnvironmentId => ({
  project,
  slot,
  location,
});

/** For logs: the ids people search by. */
export function releaseTrace({ spec }: Pick<Release, 'spec'>): Record<string, string | number | null | undefined> {
  return {
    environment: environmentName(environmentOf({ spec })),
    generation: spec.generation,
    release: spec.releaseId,
    ...(spec.ref && { [spec.ref.kind]: spec.ref.name }),
    pipelineId: spec.desired?.trace.pipelineId,
    jobId: spec.desired?.trace.jobId,
  };
}
