import type { Command } from 'commander';
import { readText } from '../input.js';
import { postPath } from '../ledger/paths.js';
import { jsonOf } from '../output/print.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

export function register(program: Command, world: World): void {
  const prove = program
    .command('prove')
    .description(
      'Print a proof that an event stands in the sealed log: the event, a signed checkpoint and the path between them. ' +
        'waybill verify --proof checks it without the ledger.',
    )
    .argument('<event>', 'id of the event (waybill events -o wide)')
    .option('--checkpoint <file>', 'also prove that the log continues this older checkpoint');
  withExamples(
    prove,
    'waybill prove 5f1d0c5e-0b1c-5c0e-9a43-6b1f0a7c2d11 > event.proof',
    'waybill prove 5f1d0c5e-0b1c-5c0e-9a43-6b1f0a7c2d11 --checkpoint kept/1000.note > event.proof',
  );
  prove.action(async (event: string, options: { checkpoint?: string }) => {
    const checkpoint = options.checkpoint === undefined ? undefined : await readText(world, options.checkpoint);
    const proof = await postPath(world, '/prove', { event: event.trim().toLowerCase(), checkpoint });
    world.out(`${jsonOf(proof, 2)}\n`);
  });
}
