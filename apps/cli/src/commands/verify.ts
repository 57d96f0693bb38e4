import type { Command } from 'commander';
import type { GivenCheckpoint, ProofVerdict, Verdict, VerifierKey, verifyArchive } from '@waybill/evidence';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, usageError } from '../exit.js';
import { readText, reasonOf } from '../input.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { harmless, plural } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

/** Read at a time. Bytes. */
const PIECE = 4 * 1024 * 1024;

interface VerifyOptions extends OutputOptions {
  readonly key: string;
  readonly checkpoint?: string;
  readonly proof?: string;
}

export function register(program: Command, world: World): void {
  const verify = program
    .command('verify')
    .description(
      'Check an archive, or the proof of one event, without the ledger: names the first event that was changed, ' +
        'removed, inserted or reordered, and what is not sealed by a checkpoint. Exit code 0: it is sound, 1: it is ' +
        'not, 2: it could not be checked.',
    )
    .argument('[archive]', 'file that waybill export wrote, or - for standard input')
    .requiredOption('--key <key>', 'the public key to trust, or a file that holds it')
    .option('--checkpoint <file>', 'a checkpoint that was kept outside the reach of the ledger')
    .option('--proof <file>', 'check this proof (of waybill prove) instead of an archive');
  withExamples(
    verify,
    'waybill verify ledger.archive --key ledger.pub',
    'waybill verify ledger.archive --key ledger.pub --checkpoint kept/1000.note',
    'waybill verify --proof event.proof --key ledger.pub',
  );
  withOutput(verify).action(async (archive: string | undefined, options: VerifyOptions) => {
    if ((archive === undefined) === (options.proof === undefined)) throw usageError('give an archive, or --proof');
    const evidence = await import('@waybill/evidence');
    const { isWaybillError } = await import('@waybill/kernel');
    try {
      const key = evidence.parseVerifierKey(await keyText(world, options.key));
      const checkpoint =
        options.checkpoint === undefined
          ? undefined
          : evidence.parseGivenCheckpoint(await readText(world, options.checkpoint));
      if (options.proof !== undefined) {
        const proof = evidence.parseProof(await readText(world, options.proof));
        const verdict = evidence.verifyProof(proof, key, checkpoint);
        await tell(world, options, verdict, () => proofWords(verdict));
      } else {
        const verdict = await verifyFile(world, archive!, key, checkpoint, evidence.verifyArchive);
        await tell(world, options, verdict, () => archiveWords(verdict));
      }
    } catch (error) {
      if (isWaybillError(error, 'INVALID_INPUT')) throw usageError(error.message, error.hint);
      throw error;
    }
  });
}

async function tell<V extends Verdict | ProofVerdict>(
  world: World,
  options: VerifyOptions,
  verdict: V,
  words: () => string,
): Promise<void> {
  await printOne(world, options, verdict, words);
  if (verdict.problem !== null) world.endWith(EXIT.failed);
}

/** The key itself, or what a file holds: a key has plus signs and no path would be called so. */
async function keyText(world: World, given: string): Promise<string> {
  if (given === '-' || existsSync(resolve(world.cwd, given))) return readText(world, given);
  if (/^[^\s+]+\+[0-9a-f]{8}\+/.test(given)) return given;
  throw usageError(`--key is neither a key nor a file: ${given}`, 'the ledger serves its key at /key');
}

async function verifyFile(
  world: World,
  archive: string,
  key: VerifierKey,
  checkpoint: GivenCheckpoint | undefined,
  check: typeof verifyArchive,
): Promise<Verdict> {
  if (archive === '-') return check(world.stdin(), { key, checkpoint });
  const file = resolve(world.cwd, archive);
  try {
    const { size } = statSync(file);
    const verdict = await check(createReadStream(file, { highWaterMark: PIECE }), {
      key,
      checkpoint,
      onProgress: progress(world, size),
    });
    return verdict;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw usageError(`cannot read ${archive}: ${reasonOf(error)}`);
  } finally {
    if (world.errIsTerminal) world.err('\r\x1b[K');
  }
}

function progress(world: World, size: number): (bytes: number) => void {
  if (!world.errIsTerminal) return () => undefined;
  return (bytes) => world.err(`\r${String(Math.floor((bytes / Math.max(size, 1)) * 100)).padStart(3)} %`);
}

function archiveWords({ ledgerId, events, streams, checkpoints, sealed, unsealed, problem }: Verdict): string {
  const lines = [
    problem === null
      ? `sound: ${plural(events, 'event')} in ${plural(streams, 'stream')} of ledger ${ledgerId}, ${plural(checkpoints, 'checkpoint')}`
      : `NOT SOUND: ${problem.message}`,
  ];
  if (sealed) {
    const before = problem === null ? '' : ' before that';
    lines.push(
      `sealed${before}: the first ${plural(sealed.treeSize, 'event')} (checkpoints aside), up to position ${sealed.position}, by key ${sealed.keyId}`,
    );
  }
  if (unsealed && problem === null) {
    lines.push(
      `not sealed: ${plural(unsealed.events, 'event')} from line ${unsealed.line} on, behind the last checkpoint`,
    );
  }
  return lines.map((line) => `${harmless(line)}\n`).join('');
}

function proofWords({ ledgerId, stream, revision, sealed, continues, problem }: ProofVerdict): string {
  const event = stream === null ? 'the event' : `revision ${revision} of ${stream}`;
  const lines =
    problem !== null
      ? [`NOT PROVED: ${problem}`]
      : [
          `proved: ${event} is event ${sealed!.index + 1} of the ${sealed!.treeSize} that a checkpoint of ledger ${ledgerId} seals, by key ${sealed!.keyId}`,
          ...(continues === null ? [] : [`that checkpoint continues the one of ${plural(continues, 'event')}`]),
        ];
  return lines.map((line) => `${harmless(line)}\n`).join('');
}
