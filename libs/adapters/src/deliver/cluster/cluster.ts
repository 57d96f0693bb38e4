import type { ObjectReference } from '@waybill/domain';
import type { Capabilities } from '../../plan/capabilities.js';
import type { KubernetesObject } from '../../plan/objects.js';

/** An object as the API server gave it. */
export interface LiveObject extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: string[];
  };
}

/** What is watched: one kind, in one namespace or in all. */
export interface Selection {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only who they are is asked for, not what they hold. */
  readonly metadataOnly?: boolean;
}

export interface Watcher {
  /** Also once for each object of a list: the first one, and every relist. */
  upsert(object: LiveObject): void;
  /** The last state that was seen of it; after a gap in the watch only name, namespace and uid are sure. */
  remove(object: LiveObject): void;
  /** The first list has been handed over. Not called as long as the kind is not served. */
  synced?(): void;
  /** A list or a watch failed; it is tried again. For logs and figures. */
  failed?(error: unknown): void;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** 30 s. */
  readonly timeoutMs?: number | undefined;
}

export interface ApplyOptions extends RequestOptions {
  /** The write fails with a conflict when the object is no longer at this version. */
  readonly resourceVersion?: string;
  /** Also when it is not the one with this uid. Without it, one that was deleted in the meantime is made anew. */
  readonly uid?: string;
  /** Nothing is stored: the answer is what it would be. */
  readonly dryRun?: boolean;
  /** What was applied before was written in another version: the object's managedFields are migrated first. */
  readonly migrate?: boolean;
}

/**
 * One cluster, as its API server gives it. Every method rejects with an {@link ApiError} that holds the server's own
 * words, or with a fault of the network; both tell whether another try may help.
 */
export interface Cluster {
  /** Address of the API server, for people. */
  readonly server: string;
  /** Who writes here: the name of this process in events. */
  readonly identity?: string;
  /**
   * The kinds served now (KEP-3352; group by group where the server is older). Looked up again after `refresh`, after a
   * 404 of a kind, and every ten minutes.
   */
  capabilities(): Promise<Capabilities>;
  refresh(): Promise<Capabilities>;
  /** Calls back after every look that finds something else served than the look before, until the signal aborts. */
  onServed(told: (capabilities: Capabilities) => void, signal: AbortSignal): void;
  /** Null when it is not there; also when no version of its kind is served any more. */
  get(reference: ObjectReference, options?: RequestOptions): Promise<LiveObject | null>;
  list(selection: Selection, options?: RequestOptions): Promise<readonly LiveObject[]>;
  /** Lists and watches, again after every gap, until the signal aborts; then it resolves. */
  watch(selection: Selection, watcher: Watcher, signal: AbortSignal): Promise<void>;
  /** Server-side apply as the field manager `waybill-operator`, forced: what it manages is its own. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<LiveObject>;
  create(object: KubernetesObject, options?: RequestOptions): Promise<LiveObject>;
  /** Replaces the object, or its status alone; its `metadata.resourceVersion` must be the newest. */
  replace(object: LiveObject, options?: RequestOptions): Promise<LiveObject>;
  replaceStatus(object: LiveObject, options?: RequestOptions): Promise<LiveObject>;
  /**
   * Deletes the object with this uid: `deleting` when the server took it. `gone` when it is not there, `other` when
   * another one has taken its name.
   */
  remove(reference: ObjectReference, uid: string): Promise<'deleting' | 'gone' | 'other'>;
  close(): void;
}

/** How an object does: kstatus (kubernetes-sigs/cli-utils), stricter where it is known to be too kind. */
export interface Health {
  readonly status: 'current' | 'in-progress' | 'failed' | 'terminating' | 'suspended';
  /** One word for machines, such as `ProgressDeadlineExceeded`. */
  readonly reason: string;
  /** For people; the server's own words where it gave any. */
  readonly message: string;
}
