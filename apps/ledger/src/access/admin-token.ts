import { type AccessCommand, type AccessEvent, type AccessState, accessDecider, accessStreamOf } from '@waybill/domain';
import {
  type CommandDependencies,
  type CommandMetadata,
  type RecordedEvent,
  WaybillError,
  derivedId,
  handleCommand,
  loadStream,
  newId,
} from '@waybill/kernel';
import type { Operations } from '@waybill/stores';
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface AdminDependencies extends CommandDependencies {
  readonly operations: Pick<Operations, 'people' | 'tokens'>;
  readonly now: () => string;
}

const FILE = 'admin-token';
const ACTOR = { kind: 'system', id: 'first-start', roles: [] } as const;

/** The grant is among the first events of a log; before it stand at most those about the log itself. */
const FIRST_EVENTS = 20;

/**
 * The first start: makes the admin service, grants it everything and leaves its token in `admin-token` in the data
 * folder. It is one as long as nothing was asked of the log; the grant then stands among its first events: so a crash
 * between any two steps is made good by the next start, and what an admin revoked later stays revoked.
 */
export async function ensureAdminToken(parts: AdminDependencies, folder: string): Promise<void> {
  const events = await parts.store.readAll(undefined, FIRST_EVENTS);
  const first = events.find(isFirstGrant);
  if (!first) {
    if (events.every(({ actor }) => actor.kind === 'system')) await writeAdminToken(parts, folder);
    return;
  }
  const principal = first.data['principal'] as string;
  const { state } = await loadStream<AccessState, AccessEvent>(parts, accessDecider, first.stream);
  const tokens = await parts.operations.tokens.list(principal);
  const reachable = Object.keys(state.tokens).length > 0 && (tokens.some(wasUsed) || (await exists(folder)));
  if (!reachable && tokens.length <= 1) await writeAdminToken(parts, folder);
}

const isFirstGrant = ({ type, actor }: RecordedEvent): boolean => type === 'AccessGranted' && actor.id === ACTOR.id;

const wasUsed = ({ lastUsedAt }: { readonly lastUsedAt: string | null }): boolean => lastUsedAt !== null;

/** A fresh token for the first admin in `admin-token` (mode 0600), whatever was there. Returns the file's path. */
export async function writeAdminToken(parts: AdminDependencies, folder: string): Promise<string> {
  const first = (await parts.store.readAll(undefined, FIRST_EVENTS)).find(isFirstGrant);
  const principal = first
    ? (first.data['principal'] as string)
    : (await parts.operations.people.identifyService('first admin')).id;
  const grantId = first ? newId() : derivedId('first-admin', parts.store.ledgerId);
  await record(parts, { type: 'GrantAccess', data: { principal, role: 'admin', scope: '*' } }, grantId);
  const { token, tokenId } = await parts.operations.tokens.create({ principal });
  await record(parts, { type: 'CreateToken', data: { principal, token: tokenId, expiresAt: null } }, newId());
  const file = join(folder, FILE);
  try {
    // Written beside and renamed: a reader sees the whole token or none.
    await writeFile(`${file}.new`, `${token}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new WaybillError('CONFIGURATION', `cannot write ${file}: ${(error as Error).message}`, {
      hint: 'Make the data folder writable for this user.',
      cause: error,
    });
  }
  return file;
}

type Given = {
  [C in AccessCommand as C['type']]: Pick<C, 'type' | 'data'>;
}['GrantAccess' | 'CreateToken'];

async function record(parts: AdminDependencies, given: Given, commandId: string): Promise<void> {
  const metadata: CommandMetadata = {
    commandId,
    actor: ACTOR,
    now: parts.now(),
    correlationId: commandId,
    causationId: commandId,
  };
  const command: AccessCommand = { ...given, context: undefined, metadata };
  await handleCommand(parts, accessDecider, accessStreamOf(command.data.principal), command);
}

async function exists(folder: string): Promise<boolean> {
  return access(join(folder, FILE)).then(
    () => true,
    () => false,
  );
}
