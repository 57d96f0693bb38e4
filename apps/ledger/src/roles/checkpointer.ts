import { type RecordedEvent, comparePositions } from '@waybill/kernel';
import { CHECKPOINT_STREAM } from '@waybill/domain';
import { type Witness, openWitness } from '../evidence/witness.js';
import type { Parts } from '../parts.js';
import { keepRunning, pause } from './supervise.js';

/** Name of the witness's place in the log; never changes. */
const WITNESS = 'witness';

/** First pause after a witness did not answer, and the longest one. Milliseconds. */
const BACKOFF = { first: 1_000, longest: 300_000 };

/** Seals the log with a signed checkpoint every so many events or minutes, and hands each to the witness. */
export async function runCheckpointer(parts: Parts, signal: AbortSignal): Promise<void> {
  const { configuration, log } = parts;
  await Promise.all([
    keepRunning('the checkpointer', (stop) => checkpoint(parts, stop), signal, log),
    configuration.witness && keepRunning('telling the witness', (stop) => tell(parts, stop), signal, log),
  ]);
}

async function checkpoint(parts: Parts, signal: AbortSignal): Promise<void> {
  const { configuration, store, sealer, metrics, now } = parts;
  const { events: most, minutes } = configuration.checkpoint;
  const batches = store.subscribe({ after: await sealer.readUpTo(), signal })[Symbol.asyncIterator]();
  let coming = batches.next();
  const before = await sealer.newest();
  if (before) metrics.sealed(before.treeSize);
  /** When what is not sealed yet is due, in milliseconds; undefined when there is nothing. */
  let due = (await sealer.read([])) > 0 ? await dueAt(minutes) : undefined;
  while (!signal.aborted) {
    const batch = await within(coming, due === undefined ? undefined : due - Date.parse(now()));
    if (signal.aborted || batch?.done === true) return;
    if (batch) coming = batches.next();
    // Exports, proofs and other processes sign too.
    const signed: RecordedEvent | undefined = batch?.value.findLast(
      ({ stream }: RecordedEvent) => stream === CHECKPOINT_STREAM,
    );
    if (signed) metrics.sealed(Number(signed.data['treeSize']));
    const unsealed = batch ? await sealer.read(batch.value) : 0;
    metrics.unsealed(unsealed);
    if (batch && unsealed < most) {
      due = unsealed === 0 ? undefined : (due ?? (await dueAt(minutes)));
      continue;
    }
    due = undefined;
    const sealed = await sealer.seal(most);
    if (sealed) metrics.sealed(sealed.treeSize);
    metrics.unsealed(0);
  }

  /** So many minutes behind the last checkpoint: a process that is started often still signs in time. */
  async function dueAt(minutesBetween: number): Promise<number> {
    const last = await sealer.newest();
    const from = last ? Date.parse(last.recordedAt) : Date.parse(now());
    return from + minutesBetween * 60_000;
  }
}

/** What the promise gives, or undefined when it takes longer than so many milliseconds. */
async function within<T>(coming: Promise<T>, milliseconds: number | undefined): Promise<T | undefined> {
  if (milliseconds === undefined) return coming;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.max(milliseconds, 0), undefined);
  });
  try {
    return await Promise.race([coming, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** The newest checkpoint counts: it covers those before it, so a witness that was away needs no other. */
async function tell(parts: Parts, signal: AbortSignal): Promise<void> {
  const { configuration, store, operations, sealer } = parts;
  const witness = openWitness(configuration.witness!, { folder: configuration.data, rootAt: sealer.rootAt });
  try {
    let after = await operations.checkpoints.read(WITNESS);
    const [last] = await store.readStream(CHECKPOINT_STREAM, { direction: 'backwards', limit: 1 });
    if (last && (after === undefined || comparePositions(last.position, after) > 0)) {
      if (!(await keep(parts, witness, last, signal))) return;
      after = last.position;
    }
    for await (const batch of store.subscribe({ after, signal })) {
      const newest = batch.findLast(({ stream }) => stream === CHECKPOINT_STREAM);
      if (newest && !(await keep(parts, witness, newest, signal))) return;
    }
  } finally {
    await witness.close();
  }
}

/** Until it is kept, or the process ends (false). */
async function keep(
  { operations, metrics, log }: Parts,
  witness: Witness,
  { data, position }: RecordedEvent,
  signal: AbortSignal,
): Promise<boolean> {
  for (let failures = 0; !signal.aborted;) {
    try {
      await witness.keep(String(data['note']), signal);
      metrics.witness({ treeSize: Number(data['treeSize']), failures: 0 });
      await operations.checkpoints.save(WITNESS, position);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      failures += 1;
      metrics.witness({ failures });
      log.warn(
        `the witness ${witness.name} did not keep a checkpoint (${failures} in a row): ${(error as Error).message}`,
      );
      await pause(Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.longest), signal);
    }
  }
  return false;
}
