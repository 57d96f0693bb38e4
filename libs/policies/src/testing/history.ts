import { beforeEach } from '@jest/globals';
import {
  type DeploymentEvent,
  type EnvironmentEvent,
  type ProjectEvent,
  type ReleaseEvent,
  catalogue,
  presetRules,
  releaseStreamOf,
} from '@waybill/domain';
import { type Event, type EventStore, type RecordedEvent, derivedId, newId, sha256 } from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import type { OutgoingCommand, OutgoingReports, PolicyDependencies } from '../policy.js';

type AnyEvent = ReleaseEvent | EnvironmentEvent | DeploymentEvent | ProjectEvent;

export const NOW = '2026-11-24T12:00:00.000Z';
export const COMMIT = 'a'.repeat(40);
export const [dev] = presetRules('gitflow');
export const environment = { project: 'a', slot: 'dev', location: 'dev' };
const image = { kind: 'image', image: 'registry.example/a', digest: `sha256:${'1'.repeat(64)}` } as const;

export const releaseId = (name: string): string => derivedId(name);

export function deploymentRequested(name: string, generation: number, order: number): EnvironmentEvent {
  return {
    type: 'DeploymentRequested',
    data: {
      environment,
      generation,
      order,
      release: releaseId(name),
      ref: { kind: 'branch', name: 'dev' },
      commit: COMMIT,
      deliverable: image,
      tier: 'dev',
      configDigest: COMMIT,
      desired: sha256(name),
      replaces: generation > 1 ? generation - 1 : null,
    },
  };
}

export const reported = (name: string | null, generation: number, seq: number) => ({
  environment,
  generation,
  release: name === null ? null : releaseId(name),
  epoch: 1,
  seq,
});

export interface History {
  readonly store: EventStore;
  /** What policies sent, in order. */
  readonly sent: readonly (OutgoingCommand | OutgoingReports[number])[];
  readonly dependencies: PolicyDependencies;
  given(stream: string, ...events: AnyEvent[]): Promise<RecordedEvent>;
  givenRelease(name: string, ...more: ReleaseEvent[]): Promise<RecordedEvent>;
}

/** A fresh log for each test, and what policies that read it send. */
export function useHistory(): History {
  let store: EventStore;
  let sent: (OutgoingCommand | OutgoingReports[number])[];
  let dependencies: PolicyDependencies;

  beforeEach(() => {
    store = createMemoryEventStore();
    sent = [];
    dependencies = {
      store,
      catalogue,
      now: () => NOW,
      send: async (command) => {
        sent.push(...[command].flat());
        return { events: [] };
      },
    };
  });

  /** Writes events to a stream and returns the last one. */
  async function given(stream: string, ...events: AnyEvent[]): Promise<RecordedEvent> {
    const earlier = await store.readStream(stream);
    const commandId = newId();
    const { events: recorded } = await store.append(
      stream,
      events.map((event: Event, index) => ({
        id: derivedId(commandId, String(index)),
        type: event.type,
        occurredAt: NOW,
        actor: { kind: 'system', id: 'spec', roles: [] },
        commandId,
        commandDigest: sha256(commandId),
        correlationId: commandId,
        causationId: commandId,
        ...catalogue.check(event),
      })),
      earlier.length === 0 ? 'no-stream' : earlier.length - 1,
    );
    return recorded.at(-1)!;
  }

  /** A release of `dev` that was asked for and matched. */
  function givenRelease(name: string, ...more: ReleaseEvent[]): Promise<RecordedEvent> {
    const release = releaseId(name);
    return given(
      releaseStreamOf(release),
      {
        type: 'ReleaseRequested',
        data: {
          release,
          project: 'a',
          ref: { kind: 'branch', name: 'dev' },
          commit: COMMIT,
          deliverable: image,
          requestedBy: null,
          trigger: 'push',
          reuses: null,
          source: { via: 'cli', pipelineId: '7', jobId: null, url: null, attributes: {} },
        },
      },
      {
        type: 'BranchMatched',
        data: { release, rulesRevision: 0, rule: { ...dev!, onFailure: 'rollback' }, slot: 'dev' },
      },
      ...more,
    );
  }

  return {
    given,
    givenRelease,
    get store() {
      return store;
    },
    get sent() {
      return sent;
    },
    get dependencies() {
      return dependencies;
    },
  };
}
