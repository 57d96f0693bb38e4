import { type SigningKey, newPrivateKey, originOf, rotationText, signNote, signingKey } from '@waybill/evidence';
import { type LedgerCommand, type LedgerState, LEDGER_STREAM, ledgerDecider } from '@waybill/domain';
import {
  type CommandDependencies,
  type CommandMetadata,
  WaybillError,
  derivedId,
  handleCommand,
  isWaybillError,
  loadStream,
} from '@waybill/kernel';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface KeyDependencies extends CommandDependencies {
  readonly configuration: { readonly data: string };
  readonly now: () => string;
}

const ACTOR = { kind: 'system', id: 'checkpointer', roles: [] } as const;

/** Begins the log with its id, and introduces its first key; does nothing where that was done. */
export async function ensureLedgerKey(parts: KeyDependencies): Promise<void> {
  const { ledgerId } = parts.store;
  const state = await record(parts, { type: 'CreateLedger', data: { ledger: ledgerId } }, ledgerId);
  if (state.keys.length > 0) return;
  const key = (await orphanedKey(parts)) ?? (await newKey(parts));
  try {
    await record(parts, { type: 'IntroduceKey', data: { keyId: key.id, publicKey: key.text } }, key.id);
  } catch (error) {
    // Another process of this ledger introduced one at the same moment: that one holds the key that signs.
    if (!isWaybillError(error, 'INVALID_STATE')) throw error;
  }
}

/** The key that signs now; undefined when none was introduced or it is kept by another process. */
export async function keyInForce(parts: KeyDependencies): Promise<SigningKey | undefined> {
  const { state } = await loadStream(parts, ledgerDecider, LEDGER_STREAM);
  const current = state.keys.at(-1);
  return current && readKey(parts, current.keyId);
}

/** The public keys, oldest first. */
export async function publicKeys(parts: CommandDependencies): Promise<readonly string[]> {
  const { state } = await loadStream(parts, ledgerDecider, LEDGER_STREAM);
  return state.keys.map(({ publicKey }) => publicKey);
}

/** The signed notes by which each key handed over to the next, oldest first. */
export async function rotations({ store }: CommandDependencies): Promise<readonly string[]> {
  const events = await store.readStream(LEDGER_STREAM);
  return events.flatMap(({ type, data }) => (type === 'KeyRotated' ? [String(data['note'])] : []));
}

/**
 * Makes a new key that signs from here on, on the word of the one in force. Throws `INVALID_STATE` when that one is
 * not in this data folder.
 */
export async function rotateKey(
  parts: KeyDependencies,
): Promise<{ readonly from: SigningKey; readonly to: SigningKey }> {
  await ensureLedgerKey(parts);
  const from = await keyInForce(parts);
  if (!from) {
    throw new WaybillError('INVALID_STATE', `the key in force is not in ${folderOf(parts)}`, {
      hint: 'Rotate where the ledger signs its checkpoints.',
    });
  }
  const to = await newKey(parts);
  const note = signNote(rotationText(parts.store.ledgerId, to.text), from);
  const data = { keyId: to.id, publicKey: to.text, previousKeyId: from.id, note };
  await record(parts, { type: 'RotateKey', data }, to.id);
  return { from, to };
}

const folderOf = ({ configuration }: KeyDependencies): string => join(configuration.data, 'keys');

/** A fresh private key in the data folder, readable for this user only, and its public key beside it. */
async function newKey(parts: KeyDependencies): Promise<SigningKey> {
  const pem = newPrivateKey();
  const key = signingKey(originOf(parts.store.ledgerId), pem);
  const folder = folderOf(parts);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, `${key.id}.pem`), pem, { mode: 0o600, flag: 'wx', flush: true });
    await writeFile(join(folder, `${key.id}.pub`), `${key.text}\n`);
  } catch (error) {
    throw new WaybillError('CONFIGURATION', `cannot write a key to ${folder}: ${(error as Error).message}`, {
      hint: 'Make the data folder writable for this user.',
      cause: error,
    });
  }
  return key;
}

async function readKey(parts: KeyDependencies, keyId: string): Promise<SigningKey | undefined> {
  try {
    const pem = await readFile(join(folderOf(parts), `${keyId}.pem`), 'utf8');
    const key = signingKey(originOf(parts.store.ledgerId), pem);
    // Of another ledger that had its keys in this folder.
    return key.id === keyId ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A key that a start wrote before it ended without introducing it. */
async function orphanedKey(parts: KeyDependencies): Promise<SigningKey | undefined> {
  const names = await readdir(folderOf(parts)).catch(() => []);
  for (const name of names) {
    const key = name.endsWith('.pem') ? await readKey(parts, name.slice(0, -'.pem'.length)) : undefined;
    if (key) return key;
  }
  return undefined;
}

type Given = { [C in LedgerCommand as C['type']]: Pick<C, 'type' | 'data'> }[LedgerCommand['type']];

async function record(parts: KeyDependencies, given: Given, subject: string): Promise<LedgerState> {
  const commandId = derivedId('ledger', given.type, subject);
  const metadata: CommandMetadata = {
    commandId,
    actor: ACTOR,
    now: parts.now(),
    correlationId: commandId,
    causationId: commandId,
  };
  const command = { ...given, context: undefined, metadata } as LedgerCommand;
  return (await handleCommand(parts, ledgerDecider, LEDGER_STREAM, command)).state;
}
