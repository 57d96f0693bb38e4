import { isMeshed } from '@waybill/adapters';
import type { DesiredState } from '@waybill/channel';
import type { Facts } from '../../release-resource/release.js';

/** Whether the share of replicas is the share of traffic: nothing else there steers it. */
export const byReplicas = (desired: DesiredState): boolean => desired.strategy.type === 'canary' && !isMeshed(desired);

/** Counts as they are now. */
export interface Counted {
  readonly active: number;
  readonly candidate: number;
}

/**
 * Replicas of the candidate for a share of the traffic. Where a mesh shares it out, and at 100 percent, it is as many as
 * the active track has, or as the service asks for; without one it is its share of them, one at the least.
 */
export function candidateReplicas(
  desired: DesiredState,
  { tracks }: Pick<Facts, 'tracks'>,
  weight: number,
  counted: Counted,
): number {
  const { autoscaling, replicas } = desired.service;
  const inSteps = byReplicas(desired) && weight < 100;
  if (!autoscaling) return inSteps ? atLeastOne(((tracks?.replicas ?? replicas) * weight) / 100) : replicas;
  const { minReplicas, maxReplicas } = autoscaling;
  // The autoscaler of the active track goes on with it, so the candidate alone can make the share; never by more pods
  // than the active track has. Traffic that moves away lets that shrink: the candidate does not follow.
  const wanted = inSteps
    ? Math.min(atLeastOne((counted.active * weight) / (100 - weight)), counted.active)
    : Math.max(counted.active, counted.candidate, minReplicas);
  return Math.min(Math.max(wanted, 1), maxReplicas);
}

/** What is left for the active track, one at the least; undefined where its count is not ours to change. */
export function activeReplicas(
  desired: DesiredState,
  { tracks, inventory }: Pick<Facts, 'tracks' | 'inventory'>,
  weight: number,
  candidate: number,
): number | undefined {
  if (tracks?.replicas === undefined || !byReplicas(desired) || weight === 100) return undefined;
  if (inventory.some(({ kind }) => kind === 'HorizontalPodAutoscaler')) return undefined;
  return weight === 0 ? tracks.replicas : Math.max(1, tracks.replicas - candidate);
}

const atLeastOne = (count: number): number => Math.max(1, Math.ceil(count));
