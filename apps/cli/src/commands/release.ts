import { type Command, Option } from 'commander';
import { PROVIDE_DELIVERABLE, REQUEST_RELEASE, type Release, type ReleasePayload } from '../documents/releases.js';
import { usageError } from '../exit.js';
import { collectPairs, durationOption, wholeNumber } from '../input.js';
import { type Ledger, ledgerOf } from '../ledger/client.js';
import { findRelease } from '../ledger/find-release.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { describeRelease } from '../output/release.js';
import { shortId } from '../output/words.js';
import { type Deliverable, parseImage, parseRpm } from '../source/deliverable.js';
import { findSource } from '../source/find-source.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';
import { follow, outcomeCode } from './watch.js';

const DEFAULT_TIMEOUT_MS = 10 * 60_000;

interface DeliverableOptions {
  readonly image?: string;
  readonly rpm?: string;
}

interface WaitOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
}

interface ReleaseOptions extends OutputOptions, DeliverableOptions, WaitOptions {
  readonly ref?: string;
  readonly tag?: string;
  readonly commit?: string;
  readonly attribute?: Record<string, string>;
  readonly pipeline?: string;
  readonly job?: string;
  readonly attempt?: number;
  readonly url?: string;
}

export function register(program: Command, world: World): void {
  registerRelease(program, world);
  registerProvide(program, world);
}

function registerRelease(program: Command, world: World): void {
  const release = program
    .command('release')
    .description(
      'Ask for a release of a branch or tag. In GitLab CI, GitHub Actions and Jenkins the ref, commit, pipeline and job ' +
        'are read from the environment; elsewhere ref and commit come from the local git repository.',
    )
    .argument('<project>', 'key of the project')
    .option('--ref <branch>', 'the branch (default: the one being built, or checked out)')
    .addOption(new Option('--tag <tag>', 'the tag, instead of a branch').conflicts('ref'))
    .option('--commit <id>', 'the full commit id (default: that of the ref)')
    .option('--attribute <key=value>', 'a free attribute to find it by; may be repeated', collectPairs('--attribute'))
    .option('--pipeline <id>', 'id of the pipeline')
    .option('--job <id>', 'id of the job')
    .option('--attempt <number>', 'attempt of the job: a retried job is a new request', wholeNumber('--attempt', 1))
    .option('--url <url>', 'page of the pipeline');
  withExamples(
    release,
    'waybill release A --ref dev --image registry.example/a@sha256:4f53…',
    'waybill release A --tag v1.2.0 --rpm shop-1.2.0-1 --wait',
    'waybill release A --image "$IMAGE@$DIGEST" --attribute ticket=OPS-7   # in a pipeline',
  );
  withOutput(withWait(withDeliverable(release))).action(async (project: string, options: ReleaseOptions) => {
    const deliverable = deliverableFrom(options);
    const ledger = ledgerOf(world);
    const source = await findSource(world, ledger, project, options);
    const pipelineId = options.pipeline ?? source.pipelineId;
    const answer = await ledger.command<{ requestRelease: ReleasePayload }>(REQUEST_RELEASE, {
      // In a pipeline the ledger derives the id from what is asked: the same job asking again gets the same release.
      ...(pipelineId === undefined ? {} : { commandId: undefined }),
      project,
      ref: { kind: source.kind, name: source.ref },
      commit: source.commit,
      deliverable,
      trigger: source.automatic ? 'push' : 'manual',
      via: 'cli',
      pipelineId,
      jobId: options.job ?? source.jobId,
      attempt: options.attempt ?? source.attempt,
      url: options.url ?? source.url,
      // Lead times begin with the commit (docs/statistics.md).
      attributes:
        source.committedAt === undefined
          ? options.attribute
          : { committedAt: source.committedAt, ...options.attribute },
    });
    await conclude(world, ledger, answer.requestRelease.release, options);
  });
}

function registerProvide(program: Command, world: World): void {
  const provide = program
    .command('provide')
    .description('Give a release that awaits it its deliverable.')
    .argument('<release>', 'id, or its first eight characters or more');
  withExamples(provide, 'waybill provide 1f0c2a9b --image registry.example/a@sha256:4f53…');
  withOutput(withWait(withDeliverable(provide))).action(
    async (id: string, options: OutputOptions & DeliverableOptions & WaitOptions) => {
      const deliverable = deliverableFrom(options);
      if (!deliverable)
        throw usageError('give the deliverable', 'with --image <name>@sha256:… or --rpm <name>-<version>-<release>');
      const ledger = ledgerOf(world);
      const release = await findRelease(ledger, id);
      const answer = await ledger.command<{ provideDeliverable: ReleasePayload }>(PROVIDE_DELIVERABLE, {
        release: release.id,
        deliverable,
      });
      await conclude(world, ledger, answer.provideDeliverable.release, options);
    },
  );
}

function withDeliverable(command: Command): Command {
  return command
    .option('--image <name@digest>', 'the image by digest: registry/name[:tag]@sha256:…')
    .addOption(new Option('--rpm <name-version-release>', 'the rpm package, optionally @sha256:…').conflicts('image'));
}

/** Options of every command that makes a release. */
export function withWait(command: Command): Command {
  return command
    .option('--wait', 'follow it until it is done; exit 1 when it fails, 8 when the time is over')
    .option('--timeout <duration>', 'how long to wait (default 10m)', durationOption('--timeout'));
}

function deliverableFrom(options: DeliverableOptions): Deliverable | undefined {
  if (options.image !== undefined) return parseImage(options.image);
  return options.rpm === undefined ? undefined : parseRpm(options.rpm);
}

/** Prints a release that was just made, after following it when asked. */
export async function conclude(
  world: World,
  ledger: Ledger,
  made: Release,
  options: OutputOptions & WaitOptions,
): Promise<void> {
  const last = options.wait ? await follow(world, ledger, made, options.timeout ?? DEFAULT_TIMEOUT_MS) : made;
  await printOne(world, options, last, () => describeRelease(world, last));
  if (options.wait) world.endWith(outcomeCode(last.state));
  else if (outcomeCode(last.state) !== 0) world.err(`next: waybill watch ${shortId(last.id)}\n`);
}
