import type { Command } from 'commander';
import { type NotDeployed, type Push, WHY_NOT, type WhyNotAnswer } from '../documents/log.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { paintFaint, paintState } from '../output/colours.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { personName, refOf } from '../output/release.js';
import { harmless, shortCommit, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

interface WhyNotOptions extends OutputOptions {
  readonly commit?: string;
  readonly tag?: boolean;
  readonly location?: string;
  readonly limit: number;
}

export function register(program: Command, world: World): void {
  const whyNot = program
    .command('why-not')
    .description('Why a push did not deploy: no rule, held, refused, superseded, failed, or never asked for.')
    .argument('<project>', 'key of the project')
    .argument('[ref]', 'branch that was pushed (with --tag: tag)')
    .option('--tag', 'the ref is a tag')
    .option('--commit <id>', 'commit that was pushed, or how its id starts')
    .option('--location <key>', 'where it is missed')
    .option('--limit <number>', 'at most this many pushes, the newest', wholeNumber('--limit', 1), 3);
  withExamples(whyNot, 'waybill why-not A hotfix-x', 'waybill why-not A --commit 3f2a91c --location prod1');
  withOutput(whyNot).action(async (project: string, ref: string | undefined, options: WhyNotOptions) => {
    const { commit, location, limit } = options;
    const input = { project, ref, refKind: options.tag ? 'TAG' : 'BRANCH', commit, location };
    const answer = await ledgerOf(world).ask<WhyNotAnswer>(WHY_NOT, { input, first: limit });
    await printOne(world, options, answer.whyNot, () => answer.whyNot.map((push) => describe(world, push)).join('\n'));
  });
}

function describe(world: World, { release, deployments, reasons }: Push): string {
  const lines: string[] = [];
  if (release) {
    const state = paintState(world, release.state.toLowerCase());
    lines.push(`${shortId(release.id)}  ${harmless(refOf(release))} at ${shortCommit(release.commit)}  ${state}`);
  }
  for (const { name, state } of deployments) lines.push(`  deployed: ${harmless(name)} ${state}`);
  for (const reason of reasons) lines.push(...reasonLines(world, reason));
  if (reasons.length === 0) lines.push('  It was deployed wherever it should.');
  return lines.map((line) => `${line}\n`).join('');
}

function reasonLines(world: World, reason: NotDeployed): readonly string[] {
  const { message, location, event, holds = [], waitsFor = [], roles = [], explanations = [] } = reason;
  const where = location === null ? '' : `${location}: `;
  const evidence = event === null ? '' : paintFaint(world, `  [#${event.position} ${shortId(event.id)} ${event.type}]`);
  const whom = [...waitsFor.map(personName), ...roles.map((role) => `the role ${role.toLowerCase()}`)];
  return [
    `  ${harmless(where + message)}${evidence}`,
    ...(whom.length === 0 ? [] : [`  waits for ${harmless(whom.join(', '))}`]),
    ...holds.map(({ frees }) => `  ${harmless(frees)}`),
    ...explanations.map(({ rule, pattern, why }) => `    ${harmless(`${rule}  ${pattern ?? ''}  ${why}`)}`),
  ];
}
