import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { RENDER, type RenderAnswer, type Rendering } from '../documents/projects.js';
import { LedgerError } from '../exit.js';
import { reasonOf } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { harmless, plural } from '../output/words.js';
import { readConfigFolder } from '../source/config-folder.js';
import { parseImage } from '../source/deliverable.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

interface RenderOptions extends OutputOptions {
  readonly tag?: boolean;
  readonly config?: string;
  readonly out?: string;
  readonly commit?: string;
  readonly image?: string;
}

export function register(program: Command, world: World): void {
  const render = program
    .command('render')
    .description('Print exactly what would be applied for a ref, by location. Nothing is deployed or recorded.')
    .argument('<project>', 'key of the project')
    .argument('<ref>', 'the branch, or with --tag the tag')
    .option('--tag', 'the ref is a tag')
    .option('--config <folder>', 'take the configuration from this folder instead of the config repository')
    .option('--out <folder>', 'write the files there instead of printing them')
    .option('--commit <id>', 'the full commit id (default: zeros)')
    .option('--image <name@digest>', 'the image by digest');
  withExamples(
    render,
    'waybill render A dev',
    'waybill render A feature-login --config ./config/a/feature-login | kubectl diff -f -',
    'waybill render A v1.2.0 --tag --out /tmp/a',
  );
  withOutput(render).action(async (project: string, ref: string, options: RenderOptions) => {
    const answer = await ledgerOf(world).ask<RenderAnswer>(RENDER, {
      input: {
        project,
        ref: { kind: options.tag ? 'TAG' : 'BRANCH', name: ref },
        commit: options.commit,
        deliverable: options.image === undefined ? undefined : parseImage(options.image),
        files: options.config === undefined ? undefined : readConfigFolder(resolve(world.cwd, options.config)),
      },
    });
    const { render: rendering } = answer;
    world.err(
      `rule ${rendering.rule}, slot ${rendering.slot}, configuration from ${options.config ?? rendering.directory}\n`,
    );
    if (options.out === undefined) await printOne(world, options, rendering, () => asStream(rendering));
    else writeFiles(world, rendering, resolve(world.cwd, options.out));
  });
}

/** One YAML stream that `kubectl apply -f -` takes; a comment names the location and file of each part. */
function asStream(rendering: Rendering): string {
  return rendering.locations
    .flatMap(({ location, files }) =>
      files.map(
        ({ path, text }) =>
          `---\n# ${location}: ${path}\n${harmless(text)
            .replace(/^---\n/, '')
            .trimEnd()}\n`,
      ),
    )
    .join('');
}

function writeFiles(world: World, rendering: Rendering, folder: string): void {
  let count = 0;
  for (const { location, files } of rendering.locations) {
    for (const { path, text } of files) {
      const target = join(folder, location, path);
      // The ledger wrote this path: it must not lead out of the folder that was named.
      if (relative(folder, target).startsWith(`..${sep}`))
        throw new LedgerError('FAILED', `the ledger gave a path outside the folder: ${path}`);
      try {
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, text);
      } catch (error) {
        throw new LedgerError('FAILED', `cannot write ${target}: ${reasonOf(error)}`);
      }
      world.out(`${target}\n`);
      count += 1;
    }
  }
  world.err(`${plural(count, 'file')} written\n`);
}
