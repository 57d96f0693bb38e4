import { type Command, Argument } from 'commander';
import {
  ERASE_PERSON,
  GRANT_ROLE,
  LOGIN_LINK,
  type LoginLinkAnswer,
  type Principal,
  type PrincipalPayload,
  PRINCIPALS,
  type PrincipalsAnswer,
  REVOKE_ROLE,
  WHO_AM_I,
  type WhoAmIAnswer,
} from '../documents/access.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { ROLES, grantsOf, principalFacts } from '../output/principal.js';
import { type Column, facts } from '../output/table.js';
import type { World } from '../world.js';
import { confirm, type ConfirmOptions, withConfirm } from './confirm.js';
import { withExamples } from './define.js';
import { registerToken } from './token.js';

export function register(program: Command, world: World): void {
  registerWhoami(program, world);
  registerToken(program, world);
  registerGrants(program, world);
  registerPerson(program, world);
  registerLoginLink(program, world);
}

function registerWhoami(program: Command, world: World): void {
  withOutput(program.command('whoami').description('Who you are, what you may do, and which ledger this is.')).action(
    async (options: OutputOptions) => {
      const ledger = ledgerOf(world);
      const answer = await ledger.ask<WhoAmIAnswer>(WHO_AM_I);
      await printOne(world, options, answer, () =>
        facts([
          ...principalFacts(answer.me),
          ['ledger', `${answer.ledger.id} at ${ledger.url}, version ${answer.ledger.version}`],
          ['read up to', `${answer.ledger.viewPosition ?? 'nothing'} of ${answer.ledger.position ?? 'nothing'}`],
        ]),
      );
    },
  );
}

function registerGrants(program: Command, world: World): void {
  const kinds = [
    { name: 'grant', field: 'grantRole', document: GRANT_ROLE, summary: 'Give a person or service a role.' },
    { name: 'revoke-role', field: 'revokeRole', document: REVOKE_ROLE, summary: 'Take a role away again.' },
  ] as const;
  for (const { name, field, document, summary } of kinds) {
    const command = program
      .command(name)
      .description(summary)
      .argument('<principal>', 'id or login')
      .addArgument(new Argument('<role>', 'the role').choices(ROLES))
      .option('--project <key>', 'for this project only (default: all)');
    withExamples(command, `waybill ${name} alice developer --project A`);
    withOutput(command).action(
      async (principal: string, role: string, options: OutputOptions & { project?: string }) => {
        const answer = await ledgerOf(world).command<Record<string, PrincipalPayload>>(document, {
          principal,
          role: role.toUpperCase(),
          project: options.project,
        });
        const after = answer[field]?.principal;
        if (after) await printOne(world, options, after, () => facts(principalFacts(after)));
      },
    );
  }
}

function registerPerson(program: Command, world: World): void {
  const columns: Column<Principal>[] = [
    { title: 'id', value: (row) => row.id },
    { title: 'kind', value: (row) => row.kind.toLowerCase() },
    { title: 'login', value: (row) => row.login },
    { title: 'name', value: (row) => row.name },
    { title: 'roles', value: grantsOf },
  ];
  const person = program.command('person').description('People and services.');
  withExamples(person, 'waybill person list', 'waybill person erase alice --yes');
  withOutput(
    person
      .command('list')
      .description('List people and services with their roles.')
      .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 100),
  ).action(async (options: OutputOptions & { limit: number }) => {
    const { nodes, total } = await readPages<PrincipalsAnswer, Principal>(
      ledgerOf(world),
      PRINCIPALS,
      {},
      ({ principals }) => principals,
      options.limit,
    );
    await printList(world, options, { rows: nodes, total, noun: 'principal', columns });
  });
  withOutput(
    withConfirm(
      person
        .command('erase')
        .description(
          'Erase name, login, address and chat handle of a person. The log stays as it is and still verifies.',
        )
        .argument('<person>', 'id or login'),
    ),
  ).action(async (name: string, options: OutputOptions & ConfirmOptions) => {
    await confirm(world, options, `Erase everything that says who ${name} is?`, true);
    const answer = await ledgerOf(world).ask<{ erasePerson: PrincipalPayload }>(ERASE_PERSON, { person: name });
    await printOne(world, options, answer.erasePerson.principal, () =>
      facts(principalFacts(answer.erasePerson.principal)),
    );
  });
}

function registerLoginLink(program: Command, world: World): void {
  withOutput(
    program.command('login-link').description('A link that logs a browser in once, for a few minutes.'),
  ).action(async (options: OutputOptions) => {
    const { createLoginLink } = await ledgerOf(world).ask<LoginLinkAnswer>(LOGIN_LINK);
    await printOne(world, options, createLoginLink, () => `${createLoginLink.url}\n`);
    world.err(`good once, until ${createLoginLink.expiresAt}\n`);
  });
}
