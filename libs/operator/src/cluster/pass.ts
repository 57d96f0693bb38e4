import {
  type KubernetesObject,
  type LiveObject,
  type Plan,
  RejectedError,
  type Tracks,
  planObjects,
} from '@waybill/adapters';
import { type ObjectReference, type Observation, machineText } from '@waybill/domain';
import { canonicalText, sha256 } from '@waybill/kernel';
import { conditionsOf, rolloutOf, stepOf, withTransitions } from '../release-resource/conditions.js';
import { identity, referenceOfObject } from '../release-resource/inventory.js';
import {
  type Action,
  type Facts,
  type Release,
  type ReleaseStatus,
  asObject,
  asRelease,
  environmentOf,
} from '../release-resource/release.js';
import { LostLeaseError, SupersededError, isOfTheCluster, mayHaveBeenDone } from './fault.js';
import { isAfter } from './outbox.js';
import type { World } from './world.js';

/** What is to be done after a guard has acted. */
export type Next =
  /** From the top: the Release says something new. */
  | 'again'
  /** Nothing, until something changes. */
  | 'wait'
  /** The same, but at the latest after so many milliseconds. */
  | { readonly afterMs: number };

/** One look at a Release, from what it says now. */
export interface Pass {
  readonly world: World;
  readonly name: string;
  readonly release: Release;
  /** It is not there any more: what it said last is known. */
  readonly gone: boolean;
  readonly facts: Facts;
  /** Changes what is known; undefined takes a fact away. Stands in the Release after the next `save`. */
  set(change: { readonly [name in keyof Facts]?: Facts[name] | undefined }): void;
  /** What the ledger is to hear, in the order of the calls; handed over with the next `save`. */
  note(observation: Observation): void;
  /** Forgets what was known of an older generation, unless that was done. */
  begin(): void;
  end(phase: 'failed' | 'rejected', reason: string, message: string): void;
  /**
   * Writes what has changed, in one go; nothing when nothing has. `into`: the Release that has taken the place of the
   * one that was looked at.
   */
  save(into?: Release): Promise<void>;
  /** Throws unless we lead and the generation at hand is still the newest: asked right before each write. */
  mayWrite(): void;
  /**
   * What is to stand, or why that cannot be planned; while a candidate is there, with this share of the traffic for it
   * or that of the last shift. The hash is the same for all shares.
   */
  plan(weight?: number): Promise<Plan | RejectedError>;
  /** The newest known state of the object; asked of the API server where no watch knows it. */
  live(object: KubernetesObject): Promise<LiveObject | null>;
  /**
   * Objects that carry the environment's labels and may stand in no inventory: only where one was lost, with a Release
   * that somebody deleted while no operator looked. Anywhere else labels alone make nothing ours.
   */
  unlisted(): readonly LiveObject[];
  /** What a write answered. */
  keep(object: LiveObject): void;
}

/** Most actions that wait for the ledger: beyond it those go that tell the least. */
const MAX_ACTIONS = 100;
const TELL_LITTLE: readonly Observation['phase'][] = ['delayed', 'drifted', 'healed'];

/**
 * @param seen what was read during this piece of work, by object: passes that follow each other share it.
 */
export function openPass(world: World, name: string, release: Release, seen: Map<string, LiveObject | null>): Pass {
  const { cluster, outbox, releases, objects } = world;
  const { spec, status } = release;
  const notes: Observation[] = [];
  let facts = factsOf(release, world);
  const planned = new Map<string, Promise<Plan | RejectedError>>();

  function mayWrite(): void {
    if (!world.leads()) throw new LostLeaseError();
    const newest = releases.get(name);
    if (newest && newest.spec.generation > spec.generation) throw new SupersededError(name);
  }

  function actionOf(observation: Observation): Action {
    const { generation, releaseId } = spec;
    return {
      generation,
      ...(releaseId === undefined ? {} : { releaseId }),
      epoch: world.epoch,
      seq: outbox.nextSeq(name, status?.seq ?? 0),
      occurredAt: world.now().toISOString(),
      observation,
    };
  }

  function statusWith(added: readonly Action[], into?: Release): ReleaseStatus {
    const arrived = outbox.sent(name);
    const told = (status?.actions ?? []).filter((action) => !isAfter(action, arrived));
    const actions = bounded([...(status?.actions ?? []).filter((action) => isAfter(action, arrived)), ...added]);
    const newest = told.at(-1);
    const reported = newest
      ? { generation: newest.generation, epoch: newest.epoch, seq: newest.seq }
      : status?.reported;
    const observedGeneration = (into ?? release).metadata.generation ?? 0;
    const said = conditionsOf(spec, facts, actions, world.refused.get(name));
    const rollout = rolloutOf(facts);
    return {
      ...facts,
      observedGeneration,
      step: stepOf(spec, facts),
      ...(rollout !== undefined && { rollout }),
      actions,
      seq: added.at(-1)?.seq ?? status?.seq ?? 0,
      ...(reported && { reported }),
      conditions: withTransitions(status?.conditions ?? [], said, observedGeneration, world.now().toISOString()),
    };
  }

  async function save(into?: Release): Promise<void> {
    const added = notes.splice(0).map(actionOf);
    const next = statusWith(added, into);
    if (!into && status && canonicalText(next as never) === canonicalText(status as never)) return;
    mayWrite();
    // The API server takes the status alone: the spec, which may be large, need not travel.
    const { apiVersion, kind, metadata } = into ?? release;
    const written = asRelease(await write(asObject({ apiVersion, kind, metadata, status: next } as Release)));
    releases.put(written);
    outbox.offer(name, environmentOf(release), next.actions);
    for (const { observation } of added) world.announce(written, observation);
  }

  async function write(object: LiveObject): Promise<LiveObject> {
    try {
      return await cluster.replaceStatus(object);
    } catch (error) {
      if (mayHaveBeenDone(error)) world.doubts.add(name);
      throw error;
    }
  }

  async function plan(tracks: Tracks): Promise<Plan | RejectedError> {
    const { desired, digest, generation } = spec;
    if (!desired || sha256(canonicalText(desired)) !== digest) {
      return new RejectedError('DigestMismatch', `The Release ${name} carries a desired state of another digest`, {
        hint: 'Somebody changed it: deploy again.',
      });
    }
    const known = planOrRejection(desired, generation, await cluster.capabilities(), tracks);
    // A kind may have been installed since the cluster was asked last.
    if (!(known instanceof RejectedError) || !isOfTheCluster(known.reason) || facts.outcome) return known;
    return planOrRejection(desired, generation, await cluster.refresh(), tracks);
  }

  return {
    world,
    name,
    release,
    gone: releases.get(name) === undefined,
    get facts() {
      return facts;
    },
    set(change) {
      const merged: Record<string, unknown> = { ...facts, ...change };
      for (const [fact, value] of Object.entries(merged)) if (value === undefined) delete merged[fact];
      facts = merged as unknown as Facts;
    },
    note: (observation) => void notes.push(observation),
    begin() {
      if (facts.observedLedgerGeneration === spec.generation) return;
      facts = {
        observedLedgerGeneration: spec.generation,
        acceptedAt: world.now().toISOString(),
        // What it left in the cluster is still ours.
        inventory: facts.inventory,
        ...tracksLeft(facts),
      };
      notes.push({ phase: 'accepted' });
    },
    end(phase, reason, message) {
      const ended = { phase, reason: reason.slice(0, 100), message: machineText(message) };
      this.set({ outcome: { ...ended, at: world.now().toISOString() }, delay: undefined });
      notes.push(ended);
    },
    save,
    mayWrite,
    plan(weight = facts.progress?.weight ?? 0) {
      const active = facts.tracks?.active ?? 'blue';
      const tracks = facts.progress ? { active, candidate: { weight } } : { active };
      const key = JSON.stringify(tracks);
      const known = planned.get(key) ?? plan(tracks);
      planned.set(key, known);
      return known;
    },
    async live(object) {
      const reference: ObjectReference = referenceOfObject(object);
      const cached = objects.get(reference);
      if (cached) return cached;
      const key = identity(reference);
      if (!seen.has(key)) seen.set(key, await cluster.get(reference));
      return seen.get(key)!;
    },
    // Nothing older than the first generation can have been there before.
    unlisted: () => (status === undefined && spec.generation > 1 ? objects.of(name) : []),
    keep(object) {
      objects.put(object);
      seen.set(identity(referenceOfObject(object)), object);
    },
  };
}

/** A candidate of an older generation loses its traffic first, and then its place. */
function tracksLeft({ tracks }: Facts): Pick<Facts, 'tracks'> {
  if (!tracks) return {};
  return { tracks: tracks.candidate === undefined ? tracks : { ...tracks, leaving: true } };
}

/** What the status says of the generation it is about; the first facts of a Release that says nothing yet. */
function factsOf({ status }: Release, { now }: World): Facts {
  if (!status) return { observedLedgerGeneration: 0, acceptedAt: now().toISOString(), inventory: [] };
  const {
    observedGeneration: _,
    step: _step,
    rollout: _rollout,
    actions: _actions,
    seq: _seq,
    reported: _reported,
    conditions: _c,
    ...facts
  } = status;
  return facts;
}

type Input = Parameters<typeof planObjects>;

function planOrRejection(
  desired: Input[0],
  generation: number,
  served: Input[2],
  tracks: Tracks,
): Plan | RejectedError {
  try {
    const plan = planObjects(desired, generation, served, tracks);
    if (!tracks.candidate?.weight) return plan;
    // What was applied once stays applied, however the traffic is shared out.
    const atNone = { ...tracks, candidate: { weight: 0 } };
    return { ...plan, inventoryHash: planObjects(desired, generation, served, atNone).inventoryHash };
  } catch (error) {
    if (error instanceof RejectedError) return error;
    throw error;
  }
}

function bounded(actions: readonly Action[]): Action[] {
  let over = actions.length - MAX_ACTIONS;
  return actions.filter(({ observation: { phase } }) => over <= 0 || !TELL_LITTLE.includes(phase) || over-- <= 0);
}
