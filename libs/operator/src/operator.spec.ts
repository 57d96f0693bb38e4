import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Deliverer, createGitDelivery } from '@waybill/adapters';
import {
  type Channel,
  type DeploymentReport,
  Report,
  type RetainedRecords,
  createInProcessChannel,
  createMemoryRetained,
} from '@waybill/channel';
import { type Gathering, absentRecord, gather, presentRecord } from '@waybill/channel/testing';
import { runGit } from '@waybill/git';
import { type OperatorOptions, type RunningOperator, startOperator } from './operator.js';

const a = { project: 'a', slot: 'dev', location: 'here' };
const b = { project: 'b', slot: 'dev', location: 'here' };

let folder: string;
let repository: string;
let retained: RetainedRecords;
let channel: Channel;
let reports: Gathering<Report>;
let lines: string[];
let endings: (() => Promise<unknown>)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-operator-'));
  repository = join(folder, 'deployed.git');
  retained = createMemoryRetained();
  endings = [];
  lines = [];
  openLedger();
});
afterEach(async () => {
  for (const end of endings.reverse()) await end();
  await rm(folder, { recursive: true, force: true });
});

/** The ledger's side of a fresh process over the same retained records. */
function openLedger(): void {
  const opened = createInProcessChannel({ retained });
  const seen = gather<Report>();
  const stop = new AbortController();
  const consumed = opened.consumeReports((report) => seen.add(Report.parse(report)), stop.signal);
  channel = opened;
  reports = seen;
  endings.push(async () => {
    stop.abort();
    await consumed;
    await opened.close();
  });
}

function delivery(): Deliverer {
  const created = createGitDelivery({ repository, branch: 'main' });
  endings.push(() => created.close());
  return created;
}

function start(options: Partial<OperatorOptions> = {}): RunningOperator {
  const log = { info: note, warn: note, error: note };
  const operator = startOperator({
    channel,
    location: 'here',
    delivery: options.delivery ?? delivery(),
    software: 'waybill test',
    driftIntervalMs: 0,
    retryDelayMs: () => 1,
    log,
    ...options,
  });
  endings.push(() => operator.stop());
  return operator;
}

const note = (line: string): void => void lines.push(line);

async function git(...args: string[]): Promise<string> {
  return (await runGit(args, { gitDir: repository })).stdout.toString('utf8').trimEnd();
}

const subjects = async (): Promise<string[]> => (await git('log', '--reverse', '--format=%s', 'main')).split('\n');

const about = (all: readonly Report[], environment: typeof a, generation: number): DeploymentReport[] =>
  all.filter(
    (report): report is DeploymentReport =>
      report.kind === 'deployment' &&
      report.environment.project === environment.project &&
      report.environment.location === environment.location &&
      report.generation === generation,
  );

const phases = (all: readonly DeploymentReport[]): string[] => all.map(({ observation }) => observation.phase);

/** Waits until the ledger has heard the phase `count` times in all. */
async function heard(phase: DeploymentReport['observation']['phase'], count = 1): Promise<readonly Report[]> {
  const isIt = (report: Report): boolean => report.kind === 'deployment' && report.observation.phase === phase;
  for (;;) {
    const all = reports.all();
    if (all.filter(isIt).length >= count) return all;
    await reports.first(all.length + 1);
  }
}

/** A delivery whose `apply` waits, before or after its commit, until it is let go. */
function held(inner: Deliverer, when: 'before' | 'after') {
  const reached = gather<number>();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const deliverer: Deliverer = {
    ...inner,
    async apply(record, plan) {
      if (when === 'before') {
        await reached.add(record.generation);
        await released;
        return inner.apply(record, plan);
      }
      const delivered = await inner.apply(record, plan);
      await reached.add(record.generation);
      await released;
      return delivered;
    },
  };
  return { deliverer, reached, release: () => release() };
}

async function edit(change: (clone: string) => Promise<void>): Promise<string> {
  const clone = await mkdtemp(join(folder, 'clone-'));
  await runGit(['clone', '--quiet', '--branch', 'main', repository, clone]);
  await change(clone);
  const identity = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
  await runGit(['add', '--all'], { cwd: clone });
  await runGit([...identity, 'commit', '--quiet', '-m', 'By hand'], { cwd: clone });
  await runGit(['push', '--quiet', 'origin', 'main'], { cwd: clone });
  return git('rev-parse', 'main');
}

describe('an operator', () => {
  it('connects, delivers what is desired and reports each step in order', async () => {
    const record = presentRecord(a, 1);
    await channel.publish(record);
    const operator = start({ lastEpoch: Date.now() + 1_000_000 });
    const all = await heard('delivered');
    const commit = await git('rev-parse', 'main');
    expect(all[0]).toMatchObject({
      kind: 'connected',
      location: 'here',
      epoch: operator.epoch,
      software: 'waybill test',
    });
    const told = about(all, a, 1);
    expect(told.map(({ observation }) => observation)).toEqual([
      { phase: 'accepted' },
      expect.objectContaining({
        phase: 'adapted',
        objects: expect.arrayContaining([expect.objectContaining({ kind: 'Deployment', name: 'a--dev' })]),
      }),
      { phase: 'applied', inventoryHash: expect.any(String), commit, durationMs: expect.any(Number) },
      { phase: 'delivered', commit },
    ]);
    expect(told.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(told.every(({ epoch, release }) => epoch === operator.epoch && release === record.release)).toBe(true);
    await operator.stop();
    expect(lines.find((line) => line.startsWith('delivered'))).toBe(
      `delivered environment=a.dev@here generation=1 release=${record.release} branch=dev pipelineId=pipeline-1 commit=${commit}`,
    );
  });

  it('takes an epoch above the last one known, whatever the clock says', async () => {
    const operator = start({ now: () => new Date(5), lastEpoch: 9 });
    expect(operator.epoch).toBe(10);
    await operator.stop();
  });

  it('reads to the end before it does anything', async () => {
    const caughtUp = gather<() => void>();
    const operator = start({
      channel: {
        report: (report) => channel.report(report),
        async consumeDesired(_, { handle, onCaughtUp }, signal) {
          await handle(presentRecord(a, 1));
          await handle(presentRecord(b, 1));
          await caughtUp.add(() => onCaughtUp?.());
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
      },
    });
    const [release] = await caughtUp.first(1);
    expect(await operator.checkDrift()).toEqual([]);
    expect(reports.all().filter(({ kind }) => kind === 'deployment')).toEqual([]);
    release!();
    expect(phases(about(await heard('delivered', 2), b, 1))).toContain('accepted');
  });

  it('lets a newer generation take the place of one that waits', async () => {
    const { deliverer, reached, release } = held(delivery(), 'before');
    start({ delivery: deliverer });
    await channel.publish(presentRecord(a, 1));
    await reached.first(1);
    await channel.publish(presentRecord(a, 2));
    await channel.publish(presentRecord(a, 3));
    release();
    const all = await heard('delivered', 2);
    expect(await subjects()).toEqual(['Deploy a.dev@here generation 1', 'Deploy a.dev@here generation 3']);
    expect(about(all, a, 2)).toEqual([]);
  });

  it('tells again, and does not do again, what a killed predecessor had committed', async () => {
    const { deliverer, reached } = held(delivery(), 'after');
    await channel.publish(presentRecord(a, 1));
    const killed = startOperator({
      channel,
      location: 'here',
      delivery: deliverer,
      software: 'waybill test',
      driftIntervalMs: 0,
      log: { info: note, warn: note, error: note },
    });
    await reached.first(1);
    const commit = await git('rev-parse', 'main');
    openLedger();
    const operator = start({ lastEpoch: killed.epoch });
    const told = about(await heard('delivered'), a, 1);
    expect(phases(told)).toEqual(['accepted', 'adapted', 'applied', 'delivered']);
    expect(told.at(-1)!.observation).toEqual({ phase: 'delivered', commit });
    expect(operator.epoch).toBeGreaterThan(killed.epoch);
    expect(await subjects()).toHaveLength(1);
  });

  it('lands beside another operator that writes to the same repository at the same moment', async () => {
    const elsewhere = (project: string) => ({ project, slot: 'dev', location: 'there' });
    const here = ['a', 'b', 'c'].map((project) => ({ project, slot: 'dev', location: 'here' }));
    const there = ['x', 'y', 'z'].map(elsewhere);
    for (const environment of [...here, ...there]) await channel.publish(presentRecord(environment, 1));
    start();
    start({ location: 'there' });
    await heard('delivered', 6);
    expect((await subjects()).sort()).toEqual(
      [...here, ...there].map(({ project, location }) => `Deploy ${project}.dev@${location} generation 1`).sort(),
    );
    expect(reports.all().filter((r) => r.kind === 'deployment' && r.observation.phase === 'delayed')).toEqual([]);
  });

  it('removes by a commit and says so, once; a restart only says it again', async () => {
    start();
    await channel.publish(presentRecord(a, 1));
    await heard('delivered');
    await channel.publish(absentRecord(a, 2));
    const told = about(await heard('removed'), a, 2);
    expect(phases(told)).toEqual(['accepted', 'removed']);
    expect(told[1]!.observation).toEqual({ phase: 'removed', commit: await git('rev-parse', 'main') });
    expect(await git('ls-tree', '-r', '--name-only', 'main')).toBe('');
    await endings.pop()!();
    openLedger();
    start();
    expect(about(await heard('removed'), a, 2).at(-1)!.observation).toEqual(told[1]!.observation);
    expect(await subjects()).toHaveLength(2);
  });

  it('tries again what may pass, counts aloud, and gets there', async () => {
    await mkdir(repository);
    start();
    await channel.publish(presentRecord(a, 1));
    const delayed = about(await heard('delayed', 2), a, 1).filter(({ observation }) => observation.phase === 'delayed');
    expect(delayed.slice(0, 2).map(({ observation }) => observation)).toEqual([
      { phase: 'delayed', attempt: 1, reason: 'GIT_FAILED', message: expect.stringContaining('not a Git repository') },
      { phase: 'delayed', attempt: 2, reason: 'GIT_FAILED', message: expect.stringContaining('not a Git repository') },
    ]);
    await rmdir(repository);
    expect(phases(about(await heard('delivered'), a, 1)).at(-1)).toBe('delivered');
  });

  it.each([
    [
      'a kind without an adapter',
      () =>
        presentRecord(a, 1, (state) => ({
          ...state,
          resources: [{ resource: 'vm-here', kind: 'vm', parameters: {}, connection: null }],
        })),
      'UnsupportedResource',
      /There is no adapter for vm \(vm-here\)\. Take vm-here out of the branch rule/,
    ],
    ['another digest', () => ({ ...presentRecord(a, 1), digest: 'f'.repeat(64) }), 'DigestMismatch', /another digest/],
    [
      'another environment inside',
      () => ({ ...presentRecord(a, 1), desired: presentRecord(b, 1).desired }),
      'DigestMismatch',
      /desired state of b\.dev@here/,
    ],
    [
      'a removal with content',
      () => ({ ...presentRecord(a, 1), state: 'absent' as const }),
      'DigestMismatch',
      /is absent with/,
    ],
  ])('rejects %s for good and touches nothing', async (_, record, reason, message) => {
    start();
    await channel.publish(record());
    const told = about(await heard('rejected'), a, 1);
    expect(told.at(-1)!.observation).toEqual({ phase: 'rejected', reason, message: expect.stringMatching(message) });
    expect(phases(told)).not.toContain('applied');
    await channel.publish(presentRecord(a, 2));
    await heard('delivered');
    expect(await subjects()).toEqual(['Deploy a.dev@here generation 2']);
  });

  it('refuses a generation below the one the target holds', async () => {
    start();
    await channel.publish(presentRecord(a, 5));
    await heard('delivered');
    await endings.pop()!();
    retained = createMemoryRetained();
    openLedger();
    start();
    await channel.publish(presentRecord(a, 4));
    expect(about(await heard('rejected'), a, 4).at(-1)!.observation).toMatchObject({ reason: 'LowerGeneration' });
    expect(await subjects()).toEqual(['Deploy a.dev@here generation 5']);
  });

  it('finishes and reports the commit that has begun when it is stopped, and begins no other', async () => {
    const { deliverer, reached, release } = held(delivery(), 'after');
    const operator = start({ delivery: deliverer });
    await channel.publish(presentRecord(a, 1));
    await reached.first(1);
    const stopped = operator.stop();
    await channel.publish(presentRecord(a, 2));
    release();
    await stopped;
    await operator.done;
    expect(phases(about(reports.all(), a, 1))).toEqual(['accepted', 'adapted', 'applied', 'delivered']);
    expect(await subjects()).toEqual(['Deploy a.dev@here generation 1']);
  });

  it('ends when the location has an operator already', async () => {
    start();
    await channel.publish(presentRecord(a, 1));
    await heard('delivered');
    const second = start();
    await expect(second.done).rejects.toThrow(/already has an operator/);
  });
});

describe('drift', () => {
  it('is reported once with files and commit, again when it changes, and healed when it is gone', async () => {
    const operator = start();
    await channel.publish(presentRecord(a, 1));
    await channel.publish(presentRecord(b, 1));
    await heard('delivered', 2);
    expect(await operator.checkDrift()).toEqual([]);
    const original = await git('show', 'main:a/dev/deployment-a--dev.yaml');
    const commit = await edit((clone) => writeFile(join(clone, 'a/dev/deployment-a--dev.yaml'), 'replicas: 9\n'));
    expect(await operator.checkDrift()).toHaveLength(1);
    await operator.checkDrift();
    const second = await edit((clone) => writeFile(join(clone, 'a/dev/more.yaml'), 'kind: More\n'));
    await operator.checkDrift();
    await edit(async (clone) => {
      await writeFile(join(clone, 'a/dev/deployment-a--dev.yaml'), `${original}\n`);
      await rm(join(clone, 'a/dev/more.yaml'));
    });
    expect(await operator.checkDrift()).toEqual([]);
    await operator.checkDrift();
    const told = about(reports.all(), a, 1).slice(4);
    expect(told.map(({ observation }) => observation)).toEqual([
      { phase: 'drifted', paths: ['a/dev/deployment-a--dev.yaml'], commit, noticedAt: expect.any(String) },
      {
        phase: 'drifted',
        paths: ['a/dev/deployment-a--dev.yaml', 'a/dev/more.yaml'],
        commit: second,
        noticedAt: expect.any(String),
      },
      { phase: 'healed', commit: null },
    ]);
    expect(phases(about(reports.all(), b, 1))).not.toContain('drifted');
  });

  it('that healed while no operator ran is told by the next one', async () => {
    start();
    await channel.publish(presentRecord(a, 1));
    await heard('delivered');
    await endings.pop()!();
    openLedger();
    const operator = start();
    await heard('delivered');
    await operator.checkDrift();
    expect(phases(about(reports.all(), a, 1)).at(-1)).toBe('healed');
  });

  it('is looked for by itself', async () => {
    start({ driftIntervalMs: 5 });
    await channel.publish(presentRecord(a, 1));
    await heard('delivered');
    await edit((clone) => rm(join(clone, 'a'), { recursive: true }));
    const all = await heard('drifted');
    expect(about(all, a, 1).at(-1)!.observation).toMatchObject({ phase: 'drifted' });
  });

  it('does not hinder the next generation, which replaces what was edited', async () => {
    const operator = start();
    await channel.publish(presentRecord(a, 1));
    await heard('delivered');
    await edit((clone) => writeFile(join(clone, 'a/dev/more.yaml'), 'kind: More\n'));
    await operator.checkDrift();
    await channel.publish(presentRecord(a, 2));
    await heard('delivered', 2);
    expect(await operator.checkDrift()).toEqual([]);
    expect(await git('ls-tree', '-r', '--name-only', 'main')).not.toContain('more.yaml');
  });
});
