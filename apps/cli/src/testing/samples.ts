import type { Release } from '../documents/releases.js';

export const COMMIT = 'a54fdbc8a9200d012f7edaa5ae1b14fc8298d883';
export const RELEASE_ID = '1f0c2a9b-6d31-5b2c-9a55-0f6f1f2d3e4a';
export const DIGEST = `sha256:${'4f'.repeat(32)}`;

/** A completed release of dev; `change` says what is different. */
export function sampleRelease(change: Partial<Release> = {}): Release {
  return {
    id: RELEASE_ID,
    project: 'a',
    ref: 'dev',
    refKind: 'BRANCH',
    commit: COMMIT,
    state: 'COMPLETED',
    reason: 'every location was delivered',
    decisionReason: null,
    outcome: 'delivered',
    trigger: 'manual',
    order: '12',
    slot: 'dev',
    rule: { name: 'dev' },
    deliverable: { kind: 'image', image: 'registry.example/a', digest: DIGEST },
    holds: [],
    requestedBy: { id: 'p-1a2b3c4d', name: 'Alice', login: 'alice' },
    requestedAt: '2026-11-24T11:55:00.000Z',
    finishedAt: '2026-11-24T11:55:00.340Z',
    durationMs: 340,
    via: 'cli',
    pipelineId: null,
    jobId: null,
    locations: [{ location: 'dev', stage: 0, generation: 1, state: 'delivered', message: null }],
    ...change,
  };
}
