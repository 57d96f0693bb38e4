import { type Command } from 'commander';
import {
  APPROVE_RELEASE,
  CANCEL_RELEASE,
  REFUSE_RELEASE,
  type ReleasePayload,
  ROLLBACK,
} from '../documents/releases.js';
import { ledgerOf } from '../ledger/client.js';
import { findRelease } from '../ledger/find-release.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { describeRelease } from '../output/release.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';
import { conclude, withWait } from './release.js';

const DECISIONS = [
  {
    name: 'approve',
    summary:
      'Agree to a release that waits for approval: to exactly its deliverable, configuration and rules. ' +
      'Who asked for a release cannot approve it.',
    document: APPROVE_RELEASE,
    example: 'waybill approve 1f0c2a9b',
  },
  {
    name: 'refuse',
    summary: 'Refuse a release that waits for approval: nothing of it will be deployed.',
    document: REFUSE_RELEASE,
    example: 'waybill refuse 1f0c2a9b --reason "the campaign starts on Monday"',
  },
  {
    name: 'cancel',
    summary: 'Cancel a release; what is deployed already stays.',
    document: CANCEL_RELEASE,
    example: 'waybill cancel 1f0c2a9b --reason "wrong branch"',
  },
] as const;

type ReasonOptions = OutputOptions & { readonly reason?: string };

export function register(program: Command, world: World): void {
  for (const { name, summary, document, example } of DECISIONS) {
    const command = program
      .command(name)
      .description(summary)
      .argument('<release>', 'id, or its first eight characters or more')
      .option('--reason <text>', 'why, in your words');
    withExamples(command, example);
    withOutput(command).action(async (id: string, options: ReasonOptions) => {
      const ledger = ledgerOf(world);
      const release = await findRelease(ledger, id);
      const answer = await ledger.command<Record<string, ReleasePayload>>(document, {
        release: release.id,
        reason: options.reason,
      });
      const after = answer[`${name}Release`]?.release ?? release;
      await printOne(world, options, after, () => describeRelease(world, after));
    });
  }
  registerRollback(program, world);
}

function registerRollback(program: Command, world: World): void {
  const rollback = program
    .command('rollback')
    .description(
      'Release again what ran before: a new release with the deliverable, configuration and metadata as they stood. ' +
        'Name the environment to take back to its last good deployment, or the release to go back to.',
    )
    .argument('<environment|release>', '<project>.<slot>@<location>, or the id of a release')
    .option('--reason <text>', 'why, in your words');
  withExamples(
    rollback,
    'waybill rollback a.prod@prod1 --reason "errors at checkout" --wait',
    'waybill rollback 1f0c2a9b',
  );
  withOutput(withWait(rollback)).action(
    async (subject: string, options: ReasonOptions & { wait?: boolean; timeout?: number }) => {
      const ledger = ledgerOf(world);
      const target = subject.includes('@')
        ? { environment: subject.toLowerCase() }
        : { release: (await findRelease(ledger, subject)).id };
      const answer = await ledger.command<{ rollback: ReleasePayload }>(ROLLBACK, {
        ...target,
        reason: options.reason,
      });
      await conclude(world, ledger, answer.rollback.release, options);
    },
  );
}
