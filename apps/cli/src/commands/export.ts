import type { Command } from 'commander';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { once } from 'node:events';
import { LedgerError, usageError } from '../exit.js';
import { reasonOf } from '../input.js';
import { openPath } from '../ledger/paths.js';
import { plural } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

/** The last line of an archive; docs/evidence.md. */
const END = /\n\{"end":\{"events":(\d+)\}\}\n$/;
const END_LENGTH = 60;

/** Between two words about how far it is. Milliseconds. */
const PAUSE_MS = 500;

export function register(program: Command, world: World): void {
  const exporting = program
    .command('export')
    .description(
      'Write the whole log to an archive that can be checked without the ledger (waybill verify). Needs the role ' +
        'analyst or admin for all projects.',
    )
    .argument('[file]', 'where to; - for standard output', '-');
  withExamples(
    exporting,
    'waybill export ledger.archive',
    'waybill export | gzip > ledger.archive.gz',
    'waybill key > ledger.pub && waybill verify ledger.archive --key ledger.pub',
  );
  exporting.action(async (file: string) => {
    if (file === '-' && world.outIsTerminal) throw usageError('an archive is not for a terminal', 'give a file');
    const answer = await openPath(world, '/export');
    const say = progressOf(world);
    const target = file === '-' ? standardOutput(world) : fileTarget(world, file);
    let tail = '';
    let bytes = 0;
    try {
      for await (const chunk of answer) {
        await target.write(chunk);
        bytes += chunk.length;
        tail = (tail + chunk.subarray(-END_LENGTH).toString('latin1')).slice(-END_LENGTH);
        say(bytes);
      }
    } catch (error) {
      target.discard();
      if (error instanceof LedgerError) throw error;
      throw brokenOff(reasonOf(error));
    }
    const events = END.exec(tail)?.[1];
    if (events === undefined) {
      target.discard();
      throw brokenOff('it has no end line');
    }
    await target.finish();
    if (world.errIsTerminal) world.err('\r\x1b[K');
    world.err(`${plural(Number(events), 'event')}, ${megabytes(bytes)}${file === '-' ? '' : `, in ${file}`}\n`);
  });
}

interface Target {
  write(chunk: Buffer): Promise<void>;
  finish(): Promise<void>;
  discard(): void;
}

function standardOutput(world: World): Target {
  return {
    write: (chunk) => world.outBytes(chunk),
    finish: () => Promise.resolve(),
    discard: () => undefined,
  };
}

/** Written beside and renamed: nobody takes half an archive for a whole one. */
function fileTarget(world: World, file: string): Target {
  const path = resolve(world.cwd, file);
  const partial = `${path}.partial`;
  const stream = createWriteStream(partial);
  const failed = new Promise<never>((_, reject) => {
    stream.once('error', (error) => reject(usageError(`cannot write ${file}: ${reasonOf(error)}`)));
  });
  failed.catch(() => undefined);
  return {
    async write(chunk) {
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), failed]);
    },
    async finish() {
      stream.end();
      await Promise.race([once(stream, 'finish'), failed]);
      renameSync(partial, path);
    },
    discard() {
      stream.destroy();
      rmSync(partial, { force: true });
    },
  };
}

function brokenOff(why: string): LedgerError {
  return new LedgerError('FAILED', `the export broke off: ${why}`, {
    hint: "nothing was kept; the ledger's log says what happened",
  });
}

function progressOf(world: World): (bytes: number) => void {
  if (!world.errIsTerminal) return () => undefined;
  let last = 0;
  return (bytes) => {
    if (world.now() - last < PAUSE_MS) return;
    last = world.now();
    world.err(`\r${megabytes(bytes)}`);
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
