import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@waybill/kernel';
import type { Cluster, LiveObject, Selection } from './cluster.js';
import { podTroubles } from './pod-troubles.js';

const job: LiveObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', namespace: 'shop', uid: 'j', resourceVersion: '1' },
  spec: { selector: { matchLabels: { app: 'x' } } },
};

function pod(n: number, status: JsonObject): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `migrate-${n}`,
      namespace: 'shop',
      uid: `p${n}`,
      resourceVersion: '1',
      ownerReferences: [{ uid: 'j' }],
    },
    status,
  };
}

const container = (state: JsonValue, more: JsonObject = {}): JsonObject => ({
  containerStatuses: [{ name: 'app', ready: false, state, ...more }],
});

/** A cluster of these pods and events; nothing else of it is asked. */
function clusterOf(pods: LiveObject[], events: JsonObject[] = []): Cluster {
  const list = ({ kind }: Selection): Promise<readonly LiveObject[]> =>
    Promise.resolve(kind === 'Pod' ? pods : (events as unknown as LiveObject[]));
  return { list } as unknown as Cluster;
}

const troubles = (pods: LiveObject[], events?: JsonObject[]): Promise<string[]> =>
  podTroubles(clusterOf(pods, events), job);

describe('podTroubles', () => {
  it('says once what several pods say, whatever their names', async () => {
    const pods = [1, 2, 3].map((n) =>
      pod(
        n,
        container({
          waiting: { reason: 'CrashLoopBackOff', message: `back-off 5m0s restarting pod=migrate-${n}_shop` },
        }),
      ),
    );
    expect(await troubles(pods)).toEqual([
      'Container app: CrashLoopBackOff; back-off 5m0s restarting pod=migrate-1_shop (3 pods)',
    ]);
  });

  it('gives exit code and last words of what ended', async () => {
    const ended = { exitCode: 137, reason: 'OOMKilled', message: 'heap\n  exhausted' };
    expect(await troubles([pod(1, container({ terminated: ended }))])).toEqual([
      'Container app: exit code 137 (OOMKilled): heap exhausted',
    ]);
    const again = container({ waiting: { reason: 'CrashLoopBackOff' } }, { lastState: { terminated: ended } });
    expect(await troubles([pod(1, again)])).toEqual([
      'Container app: CrashLoopBackOff; last exit code 137 (OOMKilled): heap exhausted',
    ]);
  });

  it('has nothing to say of what is as it should be', async () => {
    const usual = [
      pod(1, container({ waiting: { reason: 'ContainerCreating' } })),
      pod(2, container({ terminated: { exitCode: 0, reason: 'Completed' } })),
      pod(3, container({ running: {} }, { ready: true })),
    ];
    expect(await troubles(usual)).toEqual([]);
  });

  it('leaves out a secret in the last words', async () => {
    const message = 'cannot connect to postgres://shop:hunter2@db/shop';
    const lines = await troubles([pod(1, container({ terminated: { exitCode: 1, reason: 'Error', message } }))]);
    expect(lines).toEqual(['Container app: (a secret in the text: left out)']);
  });

  it('gives the newest warnings first, with how often they were', async () => {
    const event = (uid: string, message: string, lastTimestamp: string, count: number): JsonObject => ({
      metadata: { name: 'e', namespace: 'shop', uid: message, resourceVersion: '1' },
      involvedObject: { uid },
      reason: 'Unhealthy',
      message,
      lastTimestamp,
      count,
    });
    const events = [
      event('p1', 'Liveness probe failed', '2026-11-24T10:00:00Z', 1),
      event('p1', 'Readiness probe failed: connection refused', '2026-11-24T10:05:00Z', 7),
      event('someone-else', 'not ours', '2026-11-24T10:06:00Z', 1),
    ];
    expect(await troubles([pod(1, container({ running: {} }, { restartCount: 2 }))], events)).toEqual([
      'Container app runs but is not ready; restarted 2 times',
      'Unhealthy: Readiness probe failed: connection refused (7 times)',
      'Unhealthy: Liveness probe failed',
    ]);
  });

  it('gives 20 lines of 300 characters at most', async () => {
    const pods = Array.from({ length: 30 }, (_, n) =>
      pod(n, { reason: `Evicted${n}`, message: '🙂'.repeat(500), ...container({}) }),
    );
    const lines = await troubles(pods);
    expect(lines).toHaveLength(20);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(300);
    expect(lines.every((line) => line.isWellFormed())).toBe(true);
  });
});
