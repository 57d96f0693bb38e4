import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LiveObject } from '@waybill/adapters';
import { presentRecord } from '@waybill/channel/testing';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';
import { releaseCrd } from './crd.js';
import { newRelease, specOf } from './from-record.js';
import type { ReleaseSpec } from './release.js';

describe('the CustomResourceDefinition of Release, on a real API server', () => {
  let bench: KubernetesBench;
  let live: LiveObject;
  let spec: ReleaseSpec;
  beforeAll(async () => {
    bench = await kubernetesBench();
    const record = presentRecord(bench.environment(), 2);
    spec = specOf(record, { progressDeadlineSeconds: 600, driftPolicy: 'Heal' });
    live = await bench.admin.create(newRelease(bench.namespace, spec));
  });
  afterAll(() => bench.dispose());

  const replaced = (change: Partial<ReleaseSpec>): Promise<LiveObject> =>
    bench.admin.replace({ ...live, spec: { ...spec, ...change } as never });

  it('keeps the whole desired state', () => {
    expect(live['spec']).toEqual(spec);
  });

  it.each([
    ['a lower generation', { generation: 1 }, 'generation is never lowered'],
    ['another release in the same generation', { releaseId: 'other' }, 'releaseId belongs to its generation'],
    ['another digest in the same generation', { digest: 'f'.repeat(64) }, 'digest belongs to its generation'],
    ['another state in the same generation', { state: 'Absent' as const }, 'state belongs to its generation'],
    ['another environment', { generation: 3, slot: 'other' }, 'they never change'],
    ['no number as a generation', { generation: 0 }, 'spec.generation'],
  ])('refuses %s', async (_, change, words) => {
    await expect(replaced(change)).rejects.toMatchObject({ status: 422, message: expect.stringContaining(words) });
  });

  it('takes a higher generation with another release', async () => {
    live = await replaced({ generation: 3, releaseId: 'other', digest: 'f'.repeat(64) });
    expect(live['spec']).toMatchObject({ generation: 3 });
  });

  it('can be had without its rules', () => {
    expect(JSON.stringify(releaseCrd({ rules: false }))).not.toContain('x-kubernetes-validations');
    expect(JSON.stringify(releaseCrd())).toContain('x-kubernetes-validations');
  });
});
