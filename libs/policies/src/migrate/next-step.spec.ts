import { describe, expect, it } from '@jest/globals';
import { type EnvironmentState, type MigrationState, environmentDecider } from '@waybill/domain';
import { type MigrationLook, nextStep } from './next-step.js';

const initial = environmentDecider.initialState;
const migration: MigrationState = {
  number: 1,
  to: 'prod3',
  resources: [],
  removal: { when: 'after-healthy' },
  phase: 'running',
  removalBegun: false,
};
const running = (release: string, order: number): EnvironmentState => ({
  ...initial,
  generation: 1,
  order,
  current: { release, order, generation: 1 } as EnvironmentState['current'],
});
const copyOf = (release: string, order: number): EnvironmentState => ({
  ...running(release, order),
  copiedFrom: { location: 'prod1', migration: 1 },
});
const cutOver = { to: 'prod3', migration: 1, moved: false };

const look = (over: Partial<MigrationLook> = {}): MigrationLook => ({
  from: 'prod1',
  migration,
  old: running('r1', 5),
  copy: initial,
  copyIsGood: false,
  cutOverAt: null,
  now: '2026-11-25T12:00:10.000Z',
  again: false,
  ...over,
});
const old = { ...running('r1', 5), cutOver };
const refused = { ...running('r1', 5), copyRefused: { release: 'r1', message: 'no', migration: 1 } };
const good = { copy: copyOf('r1', 5), copyIsGood: true };
const inPhase = (phase: MigrationState['phase'], more: Partial<MigrationState> = {}) => ({
  migration: { ...migration, phase, ...more },
});

describe('the next step of a migration', () => {
  it.each<[string, Partial<MigrationLook>, ReturnType<typeof nextStep>]>([
    ['copies what runs', {}, 'copy'],
    ['waits for the copy', { copy: copyOf('r1', 5) }, undefined],
    ['copies a newer release', { old: running('r2', 6), copy: copyOf('r1', 5), copyIsGood: true }, 'copy'],
    ['cuts over to a good copy', good, 'cut-over'],
    ['says before the first removal that it begins', { ...good, old }, 'begin-removal'],
    ['removes what counts elsewhere', { ...good, old, ...inPhase('running', { removalBegun: true }) }, 'remove-old'],
    ['never removes beside a copy that is not good', { ...good, old, copyIsGood: false }, undefined],
    ['never removes a release that the copy does not have', { ...good, old: { ...old, ...running('r2', 6) } }, 'copy'],
    ['does not try again what was refused', { old: refused }, undefined],
    ['tries it when told to', { old: refused, again: true }, 'copy'],
    ['tries another release', { old: { ...refused, ...running('r2', 6) } }, 'copy'],
    ['leaves what is not there', { old: initial }, undefined],
    [
      'takes a copy away whose original was removed',
      { old: { ...initial, generation: 2, order: 9 }, copy: copyOf('r1', 5) },
      'follow-removal',
    ],
    [
      'leaves a copy that has taken over',
      { old: { ...initial, generation: 2, order: 9, cutOver: { ...cutOver, moved: true } }, copy: copyOf('r1', 5) },
      undefined,
    ],
    ['begins nothing while stopped', inPhase('stopped'), undefined],
    ['does not cut over while stopped', { ...good, ...inPhase('stopped') }, undefined],
    [
      'lets a copy keep up while stopped',
      { old: running('r2', 6), copy: copyOf('r1', 5), ...inPhase('stopped') },
      'copy',
    ],
    [
      'moves also who comes late',
      { ...good, old, ...inPhase('completed', { removal: { when: 'by-hand' } }) },
      'remove-old',
    ],
    ['cuts back first when reverted', { ...good, old, ...inPhase('reverted') }, 'cut-back'],
    ['then removes the copy', { ...good, ...inPhase('reverted') }, 'remove-copy'],
    [
      'keeps a copy whose original is gone',
      { ...good, old: { ...initial, cutOver: { ...cutOver, moved: true } }, ...inPhase('reverted') },
      undefined,
    ],
    [
      'leaves what another migration made',
      { copy: { ...copyOf('r1', 5), copiedFrom: null }, ...inPhase('reverted') },
      undefined,
    ],
    ['waits for a hand', { ...good, old, ...inPhase('running', { removal: { when: 'by-hand' } }) }, undefined],
    [
      'waits for its time',
      {
        ...good,
        old,
        cutOverAt: '2026-11-25T12:00:01.000Z',
        ...inPhase('running', { removal: { when: 'after', seconds: 10 } }),
      },
      undefined,
    ],
    [
      'removes when the time has come',
      {
        ...good,
        old,
        cutOverAt: '2026-11-25T12:00:00.000Z',
        ...inPhase('running', { removal: { when: 'after', seconds: 10 } }),
      },
      'begin-removal',
    ],
  ])('%s', (_, over, step) => {
    expect(nextStep(look(over))).toBe(step);
  });
});
