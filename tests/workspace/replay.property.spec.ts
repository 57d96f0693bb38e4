import { describe, expect, it } from '@jest/globals';
import type { Command, Decider, Event, StreamDefinition } from '@waybill/kernel';
import {
  accessDecider,
  accessStream,
  checkpointDecider,
  checkpointStream,
  deploymentDecider,
  deploymentStream,
  environmentDecider,
  environmentStream,
  isTerminal,
  ledgerDecider,
  ledgerStream,
  locationDecider,
  locationStream,
  projectDecider,
  projectStream,
  releaseDecider,
  releaseStream,
} from '@waybill/domain';
import fc from 'fast-check';
import { deploymentCommands, environmentCommands } from './replay/deployments.js';
import { checkpointCommands, ledgerCommands } from './replay/ledger.js';
import { accessCommands, locationCommands, projectCommands } from './replay/projects.js';
import { environmentMigrationCommands, moving } from './replay/migrations.js';
import { releaseCommands } from './replay/releases.js';
import { runCommands, type Step } from './replay/run-commands.js';

interface Subject<State, C extends Command, E extends Event> {
  readonly decider: Decider<State, C, E>;
  readonly stream: StreamDefinition;
  readonly commands: fc.Arbitrary<readonly C[]>;
  /** What must hold of every step, beside what holds for every decider. */
  readonly always?: (step: Step<State, C, E>) => void;
}

function replays<State, C extends Command, E extends Event>({
  decider,
  stream,
  commands,
  always,
}: Subject<State, C, E>): void {
  describe(stream.category, () => {
    it('has, after every accepted command, the state that replaying its events gives', () => {
      fc.assert(
        fc.property(commands, (sequence) => {
          const log: E[] = [];
          for (const step of runCommands(decider, sequence)) {
            log.push(...step.events);
            expect(log.reduce((state, event) => decider.evolve(state, event), decider.initialState)).toEqual(
              step.after,
            );
            always?.(step);
          }
        }),
        { numRuns: 200 },
      );
    });

    it('evolves from any state with any of its events', () => {
      const written = commands.map((sequence) => runCommands(decider, sequence).flatMap((step) => step.events));
      fc.assert(
        fc.property(fc.array(written, { maxLength: 4 }), fc.infiniteStream(fc.nat()), (logs, picks) => {
          const events = logs.flat();
          let state = decider.initialState;
          for (const pick of picks.take(events.length)) state = decider.evolve(state, events[pick % events.length]!);
        }),
        { numRuns: 50 },
      );
    });

    it('meets every event of the stream in these sequences', () => {
      const seen = new Set<string>();
      for (const sequence of fc.sample(commands, { seed: 1, numRuns: 1_000 })) {
        for (const step of runCommands(decider, sequence)) for (const event of step.events) seen.add(event.type);
      }
      expect([...seen].sort()).toEqual(Object.keys(stream.events).sort());
    });
  });
}

const sequences = <C>(command: fc.Arbitrary<C>): fc.Arbitrary<readonly C[]> => fc.array(command, { maxLength: 30 });

describe('replaying', () => {
  replays({ decider: projectDecider, stream: projectStream, commands: projectCommands });
  replays({ decider: locationDecider, stream: locationStream, commands: locationCommands });
  replays({ decider: accessDecider, stream: accessStream, commands: accessCommands });
  replays({ decider: ledgerDecider, stream: ledgerStream, commands: ledgerCommands });

  replays({
    decider: checkpointDecider,
    stream: checkpointStream,
    commands: checkpointCommands,
    always: ({ before, after }) => {
      if (before.last !== null) expect(after.last!.treeSize).toBeGreaterThanOrEqual(before.last.treeSize);
    },
  });

  replays({
    decider: releaseDecider,
    stream: releaseStream,
    commands: releaseCommands,
    always: ({ before, after }) => {
      if (isTerminal(before.phase)) expect(after.phase).toBe(before.phase);
      for (const [name, { outcome }] of Object.entries(before.locations)) {
        if (outcome !== undefined) expect(after.locations[name]?.outcome).toBe(outcome);
      }
      if (after.phase === 'completed') {
        expect(Object.values(after.locations).map(({ outcome }) => outcome)).not.toContain(undefined);
      }
      if (before.metadataRevision !== null) expect(after.metadataRevision).toBe(before.metadataRevision);
    },
  });

  replays({
    decider: environmentDecider,
    stream: environmentStream,
    commands: fc.oneof(
      { weight: 9, arbitrary: sequences(fc.oneof(environmentCommands, environmentMigrationCommands)) },
      { weight: 1, arbitrary: moving },
    ),
    always: ({ before, after, events }) => {
      expect(after.order).toBeGreaterThanOrEqual(before.order);
      const assigned = events.flatMap((event) =>
        event.type === 'DeploymentRequested' || event.type === 'EnvironmentRemovalRequested' ? [event.data] : [],
      );
      expect(assigned.map((data) => data.generation)).toEqual(assigned.map((_, i) => before.generation + 1 + i));
      expect(after.generation).toBe(before.generation + assigned.length);
      for (const data of assigned) {
        // A migration asks for what was asked for already: again elsewhere, or no longer here.
        const migrated = 'copyOf' in data || ('cause' in data && data.cause.startsWith('migrat'));
        expect(data.order).toBeGreaterThan(migrated ? before.order - 1 : before.order);
      }
      if (after.current) expect(after.current.generation).toBe(after.generation);
    },
  });

  replays({
    decider: deploymentDecider,
    stream: deploymentStream,
    commands: sequences(deploymentCommands),
    always: ({ before, after, command, events }) => {
      if (before.removed) expect(events).toEqual([]);
      expect(deploymentDecider.decide(command, after)).toEqual([]);
      const { epoch, seq } = command.data;
      const { last } = before;
      if (last && (epoch < last.epoch || (epoch === last.epoch && seq <= last.seq))) expect(events).toEqual([]);
    },
  });
});
