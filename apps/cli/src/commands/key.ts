import type { Command } from 'commander';
import { readPath } from '../ledger/paths.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

export function register(program: Command, world: World): void {
  const key = program
    .command('key')
    .description('Print the public key that the ledger signs its checkpoints with: keep it where the ledger is not.');
  withExamples(key, 'waybill key > ledger.pub').action(async () => world.out(await readPath(world, '/key')));

  const checkpoint = program
    .command('checkpoint')
    .description('Print the newest signed checkpoint: who keeps one can tell when anything before it was changed.');
  withExamples(checkpoint, 'waybill checkpoint > kept.note').action(async () =>
    world.out(await readPath(world, '/checkpoint')),
  );
}
