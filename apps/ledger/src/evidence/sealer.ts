import {
  type LogTree,
  type Proof,
  type Tiles,
  checkpointText,
  makeProof,
  openLogTree,
  signNote,
} from '@waybill/evidence';
import { CHECKPOINT_STREAM, type CheckpointEvent, type CheckpointState, checkpointDecider } from '@waybill/domain';
import {
  type CommandMetadata,
  type Position,
  type RecordedEvent,
  WaybillError,
  commandDigest,
  derivedId,
  eventId,
  isWaybillError,
} from '@waybill/kernel';
import { type KeyDependencies, keyInForce, rotations } from './keys.js';

export interface SealerDependencies extends KeyDependencies {
  readonly operations: { readonly tiles: Tiles };
}

/** A checkpoint in the log. */
export interface Sealed {
  readonly treeSize: number;
  readonly note: string;
  /** Of its event. */
  readonly position: Position;
  readonly recordedAt: string;
}

/** Signs checkpoints over the log. Calls that overlap wait for each other. */
export interface Sealer {
  /** How far the log was read; undefined: from its beginning. */
  readUpTo(): Promise<Position | undefined>;
  /** Takes events in log order; those read before are passed over. Resolves with how many are not sealed. */
  read(events: readonly RecordedEvent[]): Promise<number>;
  /**
   * Reads the log to its end and signs what is not sealed, at least once every `atMost` events. Resolves with the newest
   * checkpoint; undefined when there is none, and none can be made because the key is kept by another process.
   * Throws `INVALID_STATE` when the log does not lead to its last checkpoint: then nothing more is signed.
   */
  seal(atMost?: number): Promise<Sealed | undefined>;
  newest(): Promise<Sealed | undefined>;
  /** The root over the first `size` leaves, in hex; undefined when the log has fewer. */
  rootAt(size: number): Promise<string | undefined>;
  /** Proves an event, sealing it first when need be. `older` is the note of a checkpoint to continue. */
  prove(event: RecordedEvent, older?: string): Promise<Proof>;
}

const PAGE = 500;
const ACTOR = { kind: 'system', id: 'checkpointer', roles: [] } as const;

export function createSealer(parts: SealerDependencies): Sealer {
  const { store, catalogue, operations } = parts;
  let opening: Promise<LogTree> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  /** Leaves below the newest checkpoint seen. */
  let sealed = 0;

  /** One after the other: the tree has one reader, and a checkpoint is signed over what was read. */
  const inTurn = <T>(work: (tree: LogTree) => Promise<T>): Promise<T> => {
    const next = turn.then(async () => {
      opening ??= openChecked();
      // A store that is away for a moment must not be remembered; a log that was changed must.
      opening.catch((error: unknown) => {
        if (!isWaybillError(error, 'INVALID_STATE')) opening = undefined;
      });
      return work(await opening);
    });
    turn = next.catch(() => undefined);
    return next;
  };

  async function openChecked(): Promise<LogTree> {
    const last = await lastCheckpoint();
    sealed = last?.data.treeSize ?? 0;
    const tree = await openLogTree(store, operations.tiles);
    if (!last || (await leadsTo(tree, last.data))) return tree;
    // Tiles may be of a log that was set back; the log itself has the last word.
    await operations.tiles.clear();
    const again = await openLogTree(store, operations.tiles);
    if (await leadsTo(again, last.data)) return again;
    throw new WaybillError('INVALID_STATE', `the log does not lead to its checkpoint of ${last.data.treeSize} events`, {
      hint: 'It was changed: export it, and waybill verify names the event. Nothing more is signed until then.',
    });
  }

  async function leadsTo(tree: LogTree, { treeSize, root }: CheckpointEvent['data']): Promise<boolean> {
    return (await rootOf(tree, treeSize)) === root;
  }

  async function rootOf(tree: LogTree, size: number): Promise<string | undefined> {
    while (tree.size() < size && (await readOn(tree)));
    return tree.size() < size ? undefined : (await tree.rootAt(size)).toString('hex');
  }

  async function readOn(tree: LogTree): Promise<boolean> {
    const events = await store.readAll(tree.readUpTo(), PAGE);
    await take(tree, events);
    // A long catch-up would otherwise run in microtasks alone and starve timers and sockets.
    if (events.length === PAGE) await new Promise<void>((resolve) => setImmediate(resolve));
    return events.length > 0;
  }

  async function take(tree: LogTree, events: readonly RecordedEvent[]): Promise<void> {
    await tree.read(events);
    for (const event of events) {
      if (event.stream === CHECKPOINT_STREAM) sealed = Math.max(sealed, Number(event.data['treeSize']));
    }
  }

  async function lastCheckpoint(): Promise<(RecordedEvent & CheckpointEvent) | undefined> {
    const [event] = await store.readStream(CHECKPOINT_STREAM, { direction: 'backwards', limit: 1 });
    return event && { ...event, ...catalogue.upcast<CheckpointEvent>(event) };
  }

  async function newest(): Promise<Sealed | undefined> {
    const event = await lastCheckpoint();
    if (!event) return undefined;
    const { position, recordedAt, data } = event;
    return { treeSize: data.treeSize, note: data.note, position, recordedAt };
  }

  async function seal(tree: LogTree, atMost: number): Promise<void> {
    while (await readOn(tree)) if (tree.size() - sealed >= atMost) await sign(tree);
    if (tree.size() > sealed) await sign(tree);
  }

  async function sign(tree: LogTree): Promise<void> {
    const key = await keyInForce(parts);
    if (!key) return;
    const treeSize = tree.size();
    const root = (await tree.rootAt(treeSize)).toString('hex');
    const position = tree.position()!;
    const note = signNote(checkpointText({ ledgerId: store.ledgerId, treeSize, root, position }), key);
    const commandId = derivedId('checkpoint', store.ledgerId, String(treeSize), key.id);
    const metadata: CommandMetadata = {
      commandId,
      actor: ACTOR,
      now: parts.now(),
      correlationId: commandId,
      causationId: commandId,
    };
    const data = { treeSize, root, position, keyId: key.id, note };
    await append({ type: 'SignCheckpoint', data, context: undefined, metadata });
    sealed = Math.max(sealed, treeSize);
  }

  /** The decision needs the last checkpoint only, and the stream grows for ever: it is not loaded whole. */
  async function append(command: Parameters<typeof checkpointDecider.decide>[0]): Promise<void> {
    const { commandId, now, actor, correlationId, causationId } = command.metadata;
    for (;;) {
      const last = await lastCheckpoint();
      const state: CheckpointState = { last: last?.data ?? null };
      const decided = checkpointDecider.decide(command, state);
      if (decided.length === 0) return;
      const events = decided.map((event, index) => ({
        id: eventId(commandId, index),
        type: event.type,
        ...catalogue.check(event),
        occurredAt: now,
        actor,
        commandId,
        commandDigest: commandDigest(command),
        correlationId,
        causationId,
      }));
      try {
        await store.append(CHECKPOINT_STREAM, events, last?.revision ?? 'no-stream');
        return;
      } catch (error) {
        // Another process of this ledger signed meanwhile: look again whether there is anything left to seal.
        if (!isWaybillError(error, 'REVISION_CONFLICT') && !isWaybillError(error, 'EVENT_ID_CONFLICT')) throw error;
      }
    }
  }

  return {
    readUpTo: () => inTurn(async (tree) => tree.readUpTo()),
    read: (events) =>
      inTurn(async (tree) => {
        await take(tree, events);
        return Math.max(tree.size() - sealed, 0);
      }),
    seal: (atMost = Infinity) =>
      inTurn(async (tree) => {
        await seal(tree, atMost);
        return newest();
      }),
    newest,
    rootAt: (size) => inTurn((tree) => rootOf(tree, size)),
    prove: (event, older) =>
      inTurn(async (tree) => {
        await seal(tree, Infinity);
        const checkpoint = (await newest())?.note;
        if (checkpoint === undefined) {
          throw new WaybillError('INVALID_STATE', 'no checkpoint was signed yet', {
            hint: 'Start the role checkpointer where the key is.',
          });
        }
        return makeProof({
          ledgerId: store.ledgerId,
          tree,
          event,
          checkpoint,
          rotations: await rotations(parts),
          older,
        });
      }),
  };
}
