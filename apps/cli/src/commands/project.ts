import { type Command, Argument } from 'commander';
import {
  type MissingMetadata,
  type Project,
  PROJECT_BY_KEY,
  type ProjectAnswer,
  type ProjectPayload,
  type ProjectRow,
  PROJECTS,
  type ProjectsAnswer,
  REGISTER_PROJECT,
  SUBMIT_METADATA,
} from '../documents/projects.js';
import { LedgerError } from '../exit.js';
import { readDocument, wholeNumber } from '../input.js';
import { type Ledger, ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { type OutputOptions, printList, printOne, withOutput, yamlOf } from '../output/print.js';
import { personName } from '../output/release.js';
import { type Column, facts } from '../output/table.js';
import { age, plural } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const SECTIONS = ['developer', 'business', 'devops'] as const;
type Section = (typeof SECTIONS)[number];

export function register(program: Command, world: World): void {
  const project = program.command('project').description('Create, show and complete projects.');
  withExamples(
    project,
    'waybill project create A --name "Shop"',
    'waybill project set A developer -f developer.yaml',
    'waybill project missing A',
  );
  registerCreate(project, world);
  registerList(project, world);
  registerShow(project, world);
  registerSet(project, world);
  registerMissing(project, world);
}

function registerCreate(project: Command, world: World): void {
  withOutput(
    project
      .command('create')
      .description('Register a project.')
      .argument('<project>', 'its key: letters, digits and single hyphens, 27 characters at most')
      .option('--name <name>', 'its name for people'),
  ).action(async (key: string, options: OutputOptions & { name?: string }) => {
    const answer = await ledgerOf(world).command<{ registerProject: ProjectPayload }>(REGISTER_PROJECT, {
      key,
      name: options.name,
    });
    await printProject(world, options, answer.registerProject.project);
  });
}

function registerList(project: Command, world: World): void {
  const columns: Column<ProjectRow>[] = [
    { title: 'project', value: (row) => row.key },
    { title: 'name', value: (row) => row.name },
    { title: 'rules', value: (row) => row.preset ?? (row.rules.length === 0 ? 'none' : row.rules.length) },
    { title: 'missing', value: (row) => (row.missing.length === 0 ? '' : plural(row.missing.length, 'field')) },
    { title: 'age', value: (row) => age(row.registeredAt, world.now()) },
    { title: 'registered', value: (row) => row.registeredAt, wide: true },
    { title: 'rule names', value: (row) => row.rules.map(({ name }) => name).join(','), wide: true },
  ];
  withOutput(
    project
      .command('list')
      .description('List projects.')
      .option('--search <text>', 'whose key or name holds this text')
      .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 100),
  ).action(async (options: OutputOptions & { search?: string; limit: number }) => {
    const { nodes, total } = await readPages<ProjectsAnswer, ProjectRow>(
      ledgerOf(world),
      PROJECTS,
      { search: options.search },
      ({ projects }) => projects,
      options.limit,
    );
    await printList(world, options, { rows: nodes, total, noun: 'project', columns });
  });
}

function registerShow(project: Command, world: World): void {
  withOutput(
    project
      .command('show')
      .description('Show a project, or one section of its metadata as YAML, ready for `project set -f`.')
      .argument('<project>', 'its key')
      .addArgument(new Argument('[section]', 'one section only').choices(SECTIONS)),
  ).action(async (key: string, section: Section | undefined, options: OutputOptions) => {
    const found = await findProject(ledgerOf(world), key);
    if (section === undefined) return printProject(world, options, found);
    const metadata = found[section];
    if (metadata === null) {
      throw new LedgerError('NOT_FOUND', `${key} has no ${section} metadata yet`, {
        hint: `waybill project set ${key} ${section} -f ${section}.yaml`,
      });
    }
    const text = await yamlOf(metadata);
    return printOne(world, options, metadata, () => text);
  });
}

function registerSet(project: Command, world: World): void {
  const set = project
    .command('set')
    .description(
      'Submit one section of the metadata: a whole section, not a change to it. It needs the role of that name.',
    )
    .argument('<project>', 'its key')
    .addArgument(new Argument('<section>', 'whose knowledge it is').choices(SECTIONS))
    .requiredOption('-f, --file <file>', 'YAML or JSON file; - reads stdin');
  withExamples(
    set,
    'waybill project set A business -f business.yaml',
    'waybill project show A devops | sed s/maxReplicas:.*/maxReplicas:\\ 10/ | waybill project set A devops -f -',
  );
  withOutput(set).action(async (key: string, section: Section, options: OutputOptions & { file: string }) => {
    const metadata = await readDocument(world, options.file);
    const answer = await ledgerOf(world).command<{ submitMetadata: ProjectPayload }>(SUBMIT_METADATA, {
      project: key,
      section: section.toUpperCase(),
      metadata,
    });
    await printProject(world, options, answer.submitMetadata.project);
  });
}

function registerMissing(project: Command, world: World): void {
  const columns: Column<MissingMetadata>[] = [
    { title: 'field', value: (row) => `${row.section.toLowerCase()}.${row.field}` },
    { title: 'role', value: (row) => row.role.toLowerCase() },
    { title: 'rules', value: (row) => row.rules.join(',') },
    { title: 'why', value: (row) => row.why },
  ];
  withOutput(
    project
      .command('missing')
      .description('What must still be given before a rule can deploy, why, and which role knows it.')
      .argument('<project>', 'its key'),
  ).action(async (key: string, options: OutputOptions) => {
    const { missing } = await findProject(ledgerOf(world), key);
    await printList(world, options, { rows: missing, noun: 'missing field', columns });
  });
}

export async function findProject(ledger: Ledger, key: string): Promise<Project> {
  const { project } = await ledger.ask<ProjectAnswer>(PROJECT_BY_KEY, { key });
  if (project) return project;
  throw new LedgerError('NOT_FOUND', `there is no project ${key}`, {
    hint: `waybill project list shows them; waybill project create ${key} makes it`,
  });
}

async function printProject(world: World, options: OutputOptions, project: Project): Promise<void> {
  await printOne(world, options, project, () =>
    facts([
      ['project', project.key],
      ['name', project.name],
      ['registered', project.registeredAt],
      ['owner', personName(project.owner)],
      ['given', SECTIONS.filter((section) => project[section] !== null).join(', ')],
      ['rules', rulesLine(project)],
      ['missing', project.missing.map((gap) => `${gap.section.toLowerCase()}.${gap.field}: ${gap.why}`).join('\n')],
    ]),
  );
}

function rulesLine({ rules, preset }: Project): string {
  const names = rules.map(({ name }) => name).join(', ');
  return preset ? `${preset}: ${names}` : names || 'none';
}
