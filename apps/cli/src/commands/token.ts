import { type Command, Option } from 'commander';
import { v7 } from 'uuid';
import {
  CREATE_TOKEN,
  type CreateTokenAnswer,
  MY_TOKENS,
  type MyTokensAnswer,
  type PrincipalPayload,
  REVOKE_TOKEN,
  TOKENS_OF_ALL,
  type Token,
  type TokenOwner,
  type TokensOfAllAnswer,
} from '../documents/access.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { ROLES, principalFacts } from '../output/principal.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { type Column, facts } from '../output/table.js';
import { personName } from '../output/release.js';
import { age } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

export function registerToken(program: Command, world: World): void {
  const token = program.command('token').description('Tokens for people, pipelines and operators.');
  withExamples(
    token,
    'waybill token create --role developer --project A --person alice > alice.token',
    'waybill token create --role developer devops --project A --name "pipeline of A" --expires 90',
    'waybill token list',
    'waybill token revoke 7c1d…',
  );
  registerCreate(token, world);
  registerList(token, world);
  registerRevoke(token, world);
}

function registerCreate(token: Command, world: World): void {
  const create = token
    .command('create')
    .description('Create a token. It is printed once, alone on stdout; the ledger keeps only a hash of it.')
    .addOption(new Option('--role <role...>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--project <key>', 'for this project only (default: all)')
    .option('--person <login>', 'for this person (default: a service)')
    .option('--name <name>', 'display name of the person or service')
    .option('--expires <days>', 'valid for this many days', wholeNumber('--expires', 1));
  withOutput(create).action(
    async (
      options: OutputOptions & { role: string[]; project?: string; person?: string; name?: string; expires?: number },
    ) => {
      const { createToken } = await ledgerOf(world).command<CreateTokenAnswer>(CREATE_TOKEN, {
        roles: options.role.map((role) => role.toUpperCase()),
        project: options.project,
        person: options.person,
        name: options.name,
        expiresInDays: options.expires,
      });
      await printOne(world, options, createToken, () => `${createToken.token}\n`);
      world.err(`token ${createToken.tokenId} of ${createToken.principal.id}: it is not shown again\n`);
    },
  );
}

interface OwnedToken extends Token {
  readonly owner: Omit<TokenOwner, 'tokens'>;
}

const ownedBy = ({ tokens, ...owner }: TokenOwner): OwnedToken[] => tokens.map((token) => ({ ...token, owner }));

function registerList(token: Command, world: World): void {
  const stateOf = ({ revokedAt, expiresAt }: Token): string => {
    if (revokedAt !== null) return 'revoked';
    return expiresAt !== null && Date.parse(expiresAt) <= world.now() ? 'expired' : 'good';
  };
  const columns: Column<OwnedToken>[] = [
    { title: 'token', value: (row) => row.id },
    { title: 'of', value: (row) => personName(row.owner) },
    { title: 'state', value: stateOf },
    { title: 'age', value: (row) => age(row.createdAt, world.now()) },
    { title: 'used', value: (row) => (row.lastUsedAt === null ? 'never' : age(row.lastUsedAt, world.now())) },
    { title: 'expires', value: (row) => row.expiresAt },
    { title: 'owner', value: (row) => row.owner.id, wide: true },
    { title: 'created', value: (row) => row.createdAt, wide: true },
    { title: 'revoked', value: (row) => row.revokedAt, wide: true },
  ];
  withOutput(
    token
      .command('list')
      .description('List tokens: whose they are, whether they are good, and when they were last used.')
      .option('--mine', 'only your own; those of others are for admins')
      .option('--all', 'revoked and expired ones too'),
  ).action(async (options: OutputOptions & { mine?: boolean; all?: boolean }) => {
    const ledger = ledgerOf(world);
    const owners = options.mine
      ? [(await ledger.ask<MyTokensAnswer>(MY_TOKENS)).me]
      : (
          await readPages<TokensOfAllAnswer, TokenOwner>(
            ledger,
            TOKENS_OF_ALL,
            {},
            ({ principals }) => principals,
            MOST_OWNERS,
          )
        ).nodes;
    const rows = owners.flatMap(ownedBy).filter((row) => options.all || stateOf(row) === 'good');
    await printList(world, options, { rows, total: rows.length, noun: 'token', columns });
  });
}

/** Nobody reads more at once, and a ledger of more people is asked with GraphQL. */
const MOST_OWNERS = 1_000;

function registerRevoke(token: Command, world: World): void {
  withOutput(
    token
      .command('revoke')
      .description('Revoke a token: it is refused from now on.')
      .argument('<token id>', 'its id, not the token'),
  ).action(async (id: string, options: OutputOptions) => {
    const answer = await ledgerOf(world).ask<{ revokeToken: PrincipalPayload }>(REVOKE_TOKEN, { id, commandId: v7() });
    await printOne(world, options, answer.revokeToken.principal, () =>
      facts(principalFacts(answer.revokeToken.principal)),
    );
  });
}
