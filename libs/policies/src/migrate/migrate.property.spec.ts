import { describe, expect, it } from '@jest/globals';
import type { MigrationRemoval } from '@waybill/domain';
import fc from 'fast-check';
import { type Death, PLACES, type Place, type World, createWorld, settle } from '../testing/migration-world.js';

type Act =
  | { readonly do: 'release' | 'stop' | 'resume' | 'revert' | 'remove' | 'deploy' | 'conclude' | 'migrate' }
  | { readonly do: 'start'; readonly removal: MigrationRemoval }
  | { readonly do: 'operate'; readonly place: Place; readonly outcome: 'healthy' | 'failed' }
  | { readonly do: 'kill'; readonly death: Death }
  | { readonly do: 'wait' };

const removals = fc.constantFrom<MigrationRemoval>(
  { when: 'after-healthy' },
  { when: 'after', seconds: 10 },
  { when: 'by-hand' },
);
const plain = (...names: ('deploy' | 'conclude' | 'migrate')[]) => names.map((name) => fc.constant<Act>({ do: name }));

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Act>({ do: 'release' }) },
  { weight: 2, arbitrary: removals.map((removal): Act => ({ do: 'start', removal })) },
  { weight: 1, arbitrary: fc.constantFrom<Act>({ do: 'stop' }, { do: 'resume' }, { do: 'revert' }, { do: 'remove' }) },
  { weight: 20, arbitrary: fc.oneof(...plain('deploy', 'conclude', 'migrate')) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('operate' as const),
      place: fc.constantFrom(...PLACES),
      outcome: fc.constantFrom('healthy' as const, 'healthy' as const, 'healthy' as const, 'failed' as const),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Act>({ do: 'kill', death: 'before' }, { do: 'kill', death: 'after' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'wait' }) },
);

async function perform(world: World, act: Act, releases: string[]): Promise<void> {
  switch (act.do) {
    case 'release':
      releases.push(await world.release());
      return;
    case 'start':
      await world.start(act.removal);
      return;
    case 'stop':
      await world.act('StopMigration');
      return;
    case 'resume':
      await world.act('ResumeMigration');
      return;
    case 'revert':
      await world.act('RevertMigration');
      return;
    case 'remove':
      await world.act('RequestMigrationRemoval');
      return;
    case 'operate':
      await world.operate(act.place, act.outcome);
      return;
    case 'kill':
      world.kill(act.death);
      return;
    case 'wait':
      await world.wait(6);
      return;
    case 'deploy':
    case 'conclude':
    case 'migrate':
      // Several events at a time, so that a run gets somewhere.
      for (let n = 0; n < 4; n++) await world.step(act.do);
  }
}

describe('a migration, whatever happens in whatever order, and whoever is killed', () => {
  it('never leaves an environment without a healthy place, ends every release once, and ends where it was told to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { minLength: 20, maxLength: 80 }), async (sequence) => {
        const world = await createWorld();
        const releases = [await world.release()];
        await settle(world);
        expect(world.standing('prod1')).toBe(1);
        await world.start({ when: 'after-healthy' });
        for (const act of sequence) {
          await perform(world, act, releases);
          expect(PLACES.map((place) => world.standing(place))).not.toEqual([null, null]);
        }
        // What was killed is started again and nothing fails any more.
        releases.push(await world.release());
        await settle(world);
        await world.wait(60);
        await settle(world);
        for (const release of releases) {
          const { phase, locations } = await world.releaseState(release);
          expect(['completed', 'failed']).toContain(phase);
          for (const { outcome } of Object.values(locations)) expect(outcome).toBeDefined();
        }
        const newest = releases.at(-1);
        const [prod1, prod3] = [await world.environment('prod1'), await world.environment('prod3')];
        switch (await world.phase()) {
          case 'completed':
            expect([prod1.current, world.standing('prod1')]).toEqual([null, null]);
            expect(prod3.current?.release).toBe(newest);
            expect(world.standing('prod3')).toBe(prod3.generation);
            return;
          case 'reverted':
            expect(prod1.current?.release).toBe(newest);
            expect(world.standing('prod1')).toBe(prod1.generation);
            expect([prod3.current, world.standing('prod3')]).toEqual([null, null]);
            return;
          default: {
            const counting = prod1.cutOver ? prod3 : prod1;
            expect(counting.current?.release).toBe(newest);
          }
        }
      }),
      { numRuns: Number(process.env['WAYBILL_RUNS'] ?? 60) },
    );
  }, 120_000);
});
