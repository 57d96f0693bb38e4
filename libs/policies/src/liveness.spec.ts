import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Liveness, type WatchedOperator, noteLiveness } from './liveness.js';
import type { OutgoingCommand, OutgoingReports } from './policy.js';

const START = Date.parse('2026-11-24T12:00:00.000Z');

describe('note-liveness', () => {
  let seconds: number;
  let watched: WatchedOperator[];
  let sent: (OutgoingCommand | OutgoingReports)[];
  let liveness: Liveness;

  beforeEach(() => {
    seconds = 0;
    watched = [{ location: 'dev', epoch: 7, silent: false }];
    sent = [];
    liveness = noteLiveness({
      interval: 30_000,
      now: () => new Date(START + seconds * 1000).toISOString(),
      watched: async () => watched,
      send: async (command) => {
        sent.push(command);
        return { events: [] };
      },
    });
  });

  const dueAt = async (at: number): Promise<void> => {
    seconds = at;
    await liveness.due();
  };
  const types = (): string[] => sent.flatMap((command) => [command].flat().map(({ type }) => type));

  it('calls an operator silent that missed three signs of life, not earlier', async () => {
    liveness.heard('dev', 7);
    await dueAt(90);
    expect(sent).toEqual([]);
    await dueAt(91);
    expect(sent).toMatchObject([
      { type: 'RecordOperatorSilent', data: { location: 'dev', epoch: 7 }, metadata: { actor: { kind: 'policy' } } },
    ]);
  });

  it('sends the same command until the silence is known', async () => {
    liveness.heard('dev', 7);
    await dueAt(91);
    await dueAt(100);
    expect(sent.map((command) => ('metadata' in command ? command.metadata.commandId : ''))).toEqual([
      expect.any(String),
      ('metadata' in sent[0]! ? sent[0].metadata.commandId : undefined)!,
    ]);
    watched = [{ location: 'dev', epoch: 7, silent: true }];
    await dueAt(110);
    expect(sent).toHaveLength(2);
  });

  it('hears a silent operator again, and its next silence is another one', async () => {
    liveness.heard('dev', 7);
    await dueAt(91);
    watched = [{ location: 'dev', epoch: 7, silent: true }];
    liveness.heard('dev', 7);
    await dueAt(92);
    watched = [{ location: 'dev', epoch: 7, silent: false }];
    await dueAt(190);
    expect(types()).toEqual(['RecordOperatorSilent', 'RecordOperatorHeard', 'RecordOperatorSilent']);
    const ids = sent.map((command) => ('metadata' in command ? command.metadata.commandId : ''));
    expect(new Set(ids).size).toBe(3);
  });

  it('gives every operator the full time after a restart, and hears nobody who said nothing', async () => {
    watched = [
      { location: 'dev', epoch: 7, silent: false },
      { location: 'lt', epoch: 3, silent: true },
    ];
    await dueAt(1000);
    await dueAt(1060);
    expect(sent).toEqual([]);
    await dueAt(1091);
    expect(sent).toMatchObject([{ type: 'RecordOperatorSilent', data: { location: 'dev' } }]);
  });

  it('does not take a replaced operator for the one that replaced it', async () => {
    watched = [{ location: 'dev', epoch: 8, silent: false }];
    liveness.heard('dev', 8);
    seconds = 80;
    liveness.heard('dev', 7);
    await dueAt(91);
    expect(types()).toEqual(['RecordOperatorSilent']);
  });

  it('gives an operator that connected anew its own time', async () => {
    liveness.heard('dev', 7);
    watched = [{ location: 'dev', epoch: 8, silent: false }];
    await dueAt(91);
    expect(sent).toEqual([]);
  });
});
