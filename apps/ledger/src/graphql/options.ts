import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { isWaybillError } from '@waybill/kernel';
import type { IncomingMessage } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authenticate } from '../access/authenticate.js';
import type { Parts } from '../parts.js';
import { type GraphqlContext, createContext } from './context.js';
import { costLimit } from './cost.js';
import { depthLimit } from './depth.js';
import { enumWords } from './enums.js';
import { formatErrors, toGraphqlError } from './errors.js';
import { READ_AFTER, obeyHeader, positions } from './positions.js';
import { scalars } from './scalars.js';

const SDL = join(__dirname, '..', '..', 'schema.graphql');

/** How deep the fields of a query may nest. */
const DEPTH = 15;

/** Names, brackets and values of a query. */
const TOKENS = 2_000;

/** A token that may only read must not be able to keep the ledger from its other work. */
const LIMITS = { aliases: 30, cost: 20_000 };

/** The GraphQL server: every request is authenticated before anything of it is looked at, introspection too. */
export function graphqlOptions(parts: Parts): ApolloDriverConfig {
  return {
    driver: ApolloDriver,
    path: '/graphql',
    typePaths: [SDL],
    resolvers: { ...scalars, ...enumWords(readFileSync(SDL, 'utf8')) },
    validationRules: [depthLimit(DEPTH)],
    parseOptions: { maxTokens: TOKENS },
    csrfPrevention: true,
    introspection: true,
    playground: false,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    autoTransformHttpErrors: false,
    context: ({ req }: { req: IncomingMessage }) => contextOf(parts, req),
    formatError: formatErrors((id, error) => parts.log.error(`unexpected error ${id} in a GraphQL request`, error)),
    plugins: [costLimit(LIMITS), positions(parts)],
  };
}

async function contextOf(parts: Parts, { headers }: IncomingMessage): Promise<GraphqlContext> {
  try {
    const asker = await authenticate(parts, headers);
    await obeyHeader(parts, headers[READ_AFTER]);
    return createContext(parts, asker);
  } catch (error) {
    throw isWaybillError(error) ? toGraphqlError(error) : error;
  }
}
