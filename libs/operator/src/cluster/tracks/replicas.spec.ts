import { describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import fc from 'fast-check';
import { canary, meshed, withStrategy } from '../../testing/strategies.js';
import { activeReplicas, candidateReplicas } from './replicas.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const steps = canary([
  [50, 0],
  [100, 0],
]);

function desired(change: (desired: DesiredState) => DesiredState): DesiredState {
  return presentRecord(environment, 2, (state) => change(withStrategy(steps, 'a')(state))).desired!;
}

const plain = desired((state) => state);
const scaled = desired((state) => ({
  ...state,
  service: { ...state.service, autoscaling: { minReplicas: 2, maxReplicas: 8, targetCpuPercent: 70 } },
}));
const weight = fc.integer({ min: 1, max: 99 });
const count = fc.integer({ min: 1, max: 40 });

describe('replicas while the traffic is shared out by them', () => {
  it('are at least one on each side, never fewer than before, and one more at the most', () => {
    fc.assert(
      fc.property(weight, count, (share, replicas) => {
        const facts = { tracks: { active: 'blue' as const, replicas }, inventory: [] };
        const candidate = candidateReplicas(plain, facts, share, { active: replicas, candidate: 0 });
        const active = activeReplicas(plain, facts, share, candidate)!;
        expect(Math.min(candidate, active)).toBeGreaterThanOrEqual(1);
        expect(candidate + active).toBeGreaterThanOrEqual(replicas);
        expect(candidate + active).toBeLessThanOrEqual(replicas + 1);
      }),
    );
  });

  it('grow with the share', () => {
    fc.assert(
      fc.property(weight, weight, count, (one, other, replicas) => {
        const facts = { tracks: { active: 'blue' as const, replicas } };
        const counted = { active: replicas, candidate: 0 };
        const [less, more] = [Math.min(one, other), Math.max(one, other)].map((share) =>
          candidateReplicas(plain, facts, share, counted),
        );
        expect(more!).toBeGreaterThanOrEqual(less!);
      }),
    );
  });

  it('are left to the autoscaler on the active side, and are no more than it has on the other', () => {
    const facts = { tracks: { active: 'blue' as const, replicas: 6 } };
    const inventory = [{ group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', name: 'web--dev' }];
    const counted = { active: 6, candidate: 1 };
    expect([10, 25, 50, 90].map((share) => candidateReplicas(scaled, facts, share, counted))).toEqual([1, 2, 6, 6]);
    expect(activeReplicas(scaled, { ...facts, inventory }, 50, 6)).toBeUndefined();
  });
});

describe('replicas on a mesh', () => {
  it('are those of the service, whatever the share; with an autoscaler those that are there, and never fewer', () => {
    const facts = { tracks: { active: 'blue' as const, replicas: 6 }, inventory: [] };
    expect(candidateReplicas(meshed(plain), facts, 10, { active: 6, candidate: 1 })).toBe(4);
    expect(candidateReplicas(meshed(scaled), facts, 10, { active: 6, candidate: 1 })).toBe(6);
    expect(candidateReplicas(meshed(scaled), facts, 90, { active: 2, candidate: 6 })).toBe(6);
    expect(activeReplicas(meshed(plain), facts, 50, 4)).toBeUndefined();
  });
});
