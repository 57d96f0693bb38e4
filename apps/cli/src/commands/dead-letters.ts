import type { Command } from 'commander';
import {
  DEAD_LETTERS,
  type DeadLetter,
  type DeadLettersAnswer,
  RETRY_DEAD_LETTER,
  type RetryDeadLetterAnswer,
} from '../documents/locations.js';
import { ledgerOf } from '../ledger/client.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import type { Column } from '../output/table.js';
import { age } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

export function register(program: Command, world: World): void {
  const deadLetters = program
    .command('dead-letters')
    .description('Records between ledger and operators that nobody could take, and why.');
  withExamples(deadLetters, 'waybill dead-letters list', 'waybill dead-letters retry 12');
  registerList(deadLetters, world);
  registerRetry(deadLetters, world);
}

function registerList(parent: Command, world: World): void {
  const columns: Column<DeadLetter>[] = [
    { title: 'id', value: (row) => row.id },
    { title: 'age', value: (row) => age(row.at, world.now()) },
    { title: 'reason', value: (row) => row.reason },
    { title: 'key', value: (row) => row.key },
    { title: 'message', value: (row) => row.message },
    { title: 'topic', value: (row) => row.topic, wide: true },
    { title: 'offset', value: (row) => row.offset, wide: true },
    { title: 'bytes', value: (row) => String(row.bytes), wide: true },
  ];
  withOutput(parent.command('list').description('List those that were not retried, the oldest first.')).action(
    async (options: OutputOptions) => {
      const rows = (await ledgerOf(world).ask<DeadLettersAnswer>(DEAD_LETTERS)).deadLetters;
      await printList(world, options, { rows: [...rows], total: rows.length, noun: 'dead letter', columns });
    },
  );
}

function registerRetry(parent: Command, world: World): void {
  withOutput(
    parent
      .command('retry')
      .description('Put a dead letter back where it was found: once what could not take it was mended.')
      .argument('<id>', 'its id in the list'),
  ).action(async (id: string, options: OutputOptions) => {
    const answer = await ledgerOf(world).ask<RetryDeadLetterAnswer>(RETRY_DEAD_LETTER, { id });
    await printOne(
      world,
      options,
      { id: answer.retryDeadLetter },
      () => `dead letter ${answer.retryDeadLetter} is back\n`,
    );
  });
}
