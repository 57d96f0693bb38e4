import type { ApolloServerPlugin } from '@apollo/server';
import { type Position, WaybillError, comparePositions, isWaybillError } from '@waybill/kernel';
import { type GraphQLSchema, type OperationDefinitionNode, OperationTypeNode, getDirectiveValues } from 'graphql';
import type { Parts } from '../parts.js';
import { CATCH_UP } from '../reading.js';
import { toGraphqlError } from './errors.js';

/** Header of a request that must see at least what was written up to a position. */
export const READ_AFTER = 'waybill-read-after';

/** Seconds that one question may wait: proxies cut silent connections off. */
export const LONGEST_WAIT = 60;

type Readable = Pick<Parts, 'store' | 'views'>;

/**
 * Waits for the views to show what the header names. Throws `INVALID_INPUT` for what is no position of this ledger,
 * `TIMEOUT` after five seconds.
 */
export async function obeyHeader(parts: Readable, header: string | string[] | undefined): Promise<void> {
  if (header === undefined) return;
  const position = String(header).trim();
  if (!/^(0|[1-9]\d{0,15})$/.test(position)) {
    throw notAPosition('Waybill-Read-After', 'the header Waybill-Read-After is not a position: decimal digits');
  }
  await readAfter(parts, 'Waybill-Read-After', position, CATCH_UP);
}

/**
 * Obeys `@readAfter`, and tells with every answer which position it has seen: what was written up to there is in it. A
 * mutation tells where the views stand when it is done, so that its own write is in it.
 */
export function positions(parts: Readable): ApolloServerPlugin {
  return {
    requestDidStart() {
      let seen: Position | undefined;
      let isQuery = false;
      return Promise.resolve({
        async didResolveOperation({ schema, operation, request }) {
          isQuery = operation?.operation === OperationTypeNode.QUERY;
          try {
            if (operation) await obeyDirective(parts, schema, operation, request.variables ?? {});
          } catch (error) {
            throw isWaybillError(error) ? toGraphqlError(error) : error;
          }
          // Before anything is read: a resolver sees at least this, and later ones may see more.
          seen = parts.views.position();
        },
        willSendResponse({ response: { body } }) {
          if (body.kind === 'single') {
            const position = (isQuery ? seen : parts.views.position()) ?? null;
            const ledger = parts.store.ledgerId;
            body.singleResult.extensions = { ...body.singleResult.extensions, position, ledger };
          }
          return Promise.resolve();
        },
      });
    },
  };
}

async function obeyDirective(
  parts: Readable,
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Promise<void> {
  const given = getDirectiveValues(schema.getDirective('readAfter')!, operation, variables);
  if (!given) return;
  const { position, ledger, timeoutSeconds } = given as {
    position: Position;
    ledger?: string | null;
    timeoutSeconds?: number | null;
  };
  const seconds = timeoutSeconds ?? CATCH_UP / 1000;
  if (!(seconds >= 0 && seconds <= LONGEST_WAIT)) throw tooLong(seconds);
  if (ledger != null && ledger !== parts.store.ledgerId) {
    throw notAPosition('ledger', `position ${position} is of ledger ${ledger}; this one is ${parts.store.ledgerId}`);
  }
  await readAfter(parts, 'position', position, seconds * 1000);
}

/** Throws `INVALID_INPUT` for a wait that is longer than a question may take. */
export const tooLong = (seconds: number): WaybillError =>
  new WaybillError('INVALID_INPUT', `timeoutSeconds is ${seconds}: give 0 to ${LONGEST_WAIT}`, {
    hint: 'Ask again to wait longer.',
    fields: [{ field: 'timeoutSeconds', message: `0 to ${LONGEST_WAIT}` }],
  });

async function readAfter({ store, views }: Readable, field: string, position: Position, timeoutMs: number) {
  const at = views.position();
  if (at !== undefined && comparePositions(at, position) >= 0) return;
  const end = await store.lastPosition();
  if (end === undefined || comparePositions(end, position) < 0) {
    throw notAPosition(
      field,
      `position ${position} lies behind the end of this ledger's log, which is ${end ?? 'empty'}`,
    );
  }
  await views.waitFor(position, timeoutMs);
}

const notAPosition = (field: string, message: string): WaybillError =>
  new WaybillError('INVALID_INPUT', message, {
    hint: 'Give a position that this ledger answered with.',
    fields: [{ field, message: 'a position of this ledger' }],
  });
