import { type Command, Option } from 'commander';
import {
  type BranchRule,
  DEFINE_RULES,
  type ProjectPayload,
  type RuleTest,
  TEST_RULES,
  type TestRulesAnswer,
} from '../documents/projects.js';
import { EXIT, usageError } from '../exit.js';
import { readDocument } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { paintFaint, paintState } from '../output/colours.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { type Column, table } from '../output/table.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';
import { findProject } from './project.js';

const PRESETS = ['gitflow', 'trunk'];

export function register(program: Command, world: World): void {
  const rules = program.command('rules').description('Set, show and test branch rules: which ref goes where.');
  withExamples(
    rules,
    'waybill rules set A --preset gitflow',
    'waybill rules show A',
    'waybill rules test A feature-login',
  );
  registerSet(rules, world);
  registerShow(rules, world);
  registerTest(rules, world);
}

function registerSet(rules: Command, world: World): void {
  const set = rules
    .command('set')
    .description('Define the rules of a project: the whole list, in the order in which they are asked.')
    .argument('<project>', 'its key')
    .option('-f, --file <file>', 'YAML or JSON: a list of rules, or {rules: […]}; - reads stdin')
    .addOption(new Option('--preset <name>', 'a ready-made list').choices(PRESETS).conflicts('file'));
  withExamples(
    set,
    'waybill rules set A --preset gitflow',
    'waybill rules show A -o yaml > rules.yaml',
    'waybill rules set A -f rules.yaml',
  );
  withOutput(set).action(async (project: string, options: OutputOptions & { file?: string; preset?: string }) => {
    if (options.file === undefined && options.preset === undefined) {
      throw usageError('which rules?', 'give -f <file> or --preset gitflow');
    }
    const given =
      options.file === undefined ? { preset: options.preset } : rulesIn(await readDocument(world, options.file));
    const answer = await ledgerOf(world).command<{ defineRules: ProjectPayload }>(DEFINE_RULES, { project, ...given });
    await printRules(world, options, answer.defineRules.project.rules);
  });
}

/** A file holds the list itself, or an object with `rules` or `preset`. */
function rulesIn(document: unknown): { rules: unknown } | { preset: unknown } {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    if ('rules' in document) return { rules: document.rules };
    if ('preset' in document) return { preset: document.preset };
  }
  return { rules: document };
}

function registerShow(rules: Command, world: World): void {
  withOutput(
    rules
      .command('show')
      .description('Show the rules of a project; -o yaml prints them as `rules set -f` takes them.')
      .argument('<project>', 'its key'),
  ).action(async (project: string, options: OutputOptions) => {
    await printRules(world, options, (await findProject(ledgerOf(world), project)).rules);
  });
}

async function printRules(world: World, options: OutputOptions, rules: readonly BranchRule[]): Promise<void> {
  if (options.output === 'json' || options.output === 'yaml') {
    return printOne(world, options, rules.map(asWritten), () => '');
  }
  const columns: Column<BranchRule>[] = [
    { title: 'rule', value: (row) => row.name },
    { title: 'ref', value: patternOf },
    { title: 'resources', value: (row) => row.resources.join(',') },
    { title: 'tier', value: (row) => row.tier.toLowerCase() },
    { title: 'strategy', value: (row) => row.strategy.type },
    { title: 'approvals', value: (row) => row.approvals },
    { title: 'directory', value: (row) => row.directory, wide: true },
    { title: 'stages', value: (row) => row.stages.map((stage) => stage.join('+')).join(' > '), wide: true },
    { title: 'config change', value: (row) => row.onConfigChange, wide: true },
    { title: 'failure', value: (row) => row.onFailure, wide: true },
  ];
  return printList(world, options, { rows: rules, noun: 'rule', columns });
}

const patternOf = (rule: BranchRule): string =>
  rule.kind === 'TAG' ? (rule.pattern === null ? 'tag' : `tag ${rule.pattern}`) : (rule.pattern ?? 'branch');

/** A rule as people write it, so that what `show` prints can be edited and set again. */
function asWritten({ kind, pattern, tier, ...rule }: BranchRule): Record<string, unknown> {
  const { name, ...rest } = rule;
  const ref = kind === 'TAG' ? { tag: pattern ?? true } : { branch: pattern };
  return { name, ...ref, tier: tier.toLowerCase(), ...rest };
}

function registerTest(rules: Command, world: World): void {
  const test = rules
    .command('test')
    .description('Say which rule a ref would match and why each other one does not. Exit code 1 when none does.')
    .argument('<project>', 'its key')
    .argument('<ref>', 'the branch, or with --tag the tag')
    .option('--tag', 'the ref is a tag');
  withExamples(test, 'waybill rules test A feature-login', 'waybill rules test A v1.2.0 --tag');
  withOutput(test).action(async (project: string, ref: string, options: OutputOptions & { tag?: boolean }) => {
    const { testRules } = await ledgerOf(world).ask<TestRulesAnswer>(TEST_RULES, {
      project,
      ref: { kind: options.tag ? 'TAG' : 'BRANCH', name: ref },
    });
    await printOne(world, options, testRules, () => describeTest(world, testRules));
    if (testRules.matched === null) world.endWith(EXIT.failed);
  });
}

function describeTest(world: World, test: RuleTest): string {
  const columns: Column<RuleTest['explanations'][number]>[] = [
    {
      title: '',
      value: (row) => (row.matches ? 'yes' : row.asked ? 'no' : '-'),
      paint: (text) => (text === 'yes' ? paintState(world, text) : paintFaint(world, text)),
    },
    { title: 'rule', value: (row) => row.rule },
    { title: 'pattern', value: (row) => row.pattern },
    { title: 'why', value: (row) => row.why },
  ];
  const kind = test.kind.toLowerCase();
  const verdict =
    test.matched === null
      ? `no rule matches ${kind} ${test.ref}: a release of it deploys nothing\n`
      : `${kind} ${test.ref} matches ${test.matched}${test.slot === null ? '' : `, slot ${test.slot}`}\n`;
  return `${table(columns, test.explanations, false)}\n${verdict}`;
}
