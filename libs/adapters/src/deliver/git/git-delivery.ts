import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesiredRecord } from '@waybill/channel';
import { environmentName } from '@waybill/domain';
import { type FileEdit, type Person, type Repository, isLocalRepository, openRepository } from '@waybill/git';
import { isWaybillError } from '@waybill/kernel';
import { type Capabilities, STABLE_CAPABILITIES } from '../../plan/capabilities.js';
import type { Deliverer, Delivered, Drift } from '../deliverer.js';
import { appliedAt, standsAlready } from './applied.js';
import { deployMessage, filesFor, folderOf, removeMessage } from './deployment-commit.js';
import { folderDrift, folderGone } from './folder-drift.js';
import { type OwnCommits, createOwnCommits } from './own-commits.js';

export interface GitDeliveryOptions {
  /**
   * Path or URL of the location's repository. Never made here: one that is gone, or was never there, must not look as
   * if all had been delivered.
   */
  readonly repository: string;
  readonly branch: string;
  /** Folder for the mirror of a remote repository. Without it every start copies the repository anew. */
  readonly workFolder?: string;
  readonly author?: Person;
  readonly capabilities?: Capabilities;
  readonly now?: () => Date;
}

interface Opened {
  readonly repository: Repository;
  readonly own: OwnCommits;
}

const WAYBILL: Person = { name: 'Waybill', email: 'waybill@localhost' };

/**
 * Delivery into a Git repository: the full planned state, one folder an environment, one commit a deployment or
 * removal. The repository is opened at the first use, and again after a fault, so that one that is away for a while
 * is a fault that passes.
 */
export function createGitDelivery(options: GitDeliveryOptions): Deliverer {
  const { branch, author = WAYBILL, now = () => new Date() } = options;
  let opening: Promise<Opened> | undefined;
  /** The last look at each environment: what its folder's state was at which tip. */
  const looks = new Map<string, { tip: string | null; generation: number; drift: Drift | undefined }>();

  async function withRepository<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const current = (opening ??= open(options));
    const forget = (): void => {
      if (opening === current) opening = undefined;
    };
    current.catch(forget);
    const opened = await current;
    try {
      return await work(opened);
    } catch (error) {
      if (isWaybillError(error, 'GIT_FAILED') && opening === current) {
        forget();
        await opened.repository.close().catch(() => undefined);
      }
      throw error;
    }
  }

  async function write(record: DesiredRecord, message: string, edits: readonly FileEdit[]): Promise<Delivered> {
    const started = performance.now();
    const { environment, generation, state } = record;
    const commit = await withRepository(async ({ repository, own }) => {
      let existing: string | null = null;
      let parent: string | null = null;
      const made = await repository.commit({
        branch,
        message,
        author,
        date: now().toISOString(),
        removeFolder: folderOf(environment),
        edits,
        async accept(tip, reader) {
          await own.follow(tip);
          parent = tip;
          const applied = await appliedAt(own, reader, tip, environment);
          existing = applied?.commit ?? null;
          return !(await standsAlready(record, applied, reader, tip));
        },
      });
      if (made !== null) own.made(environment, { generation, state, commit: made }, parent);
      return made ?? existing;
    });
    return { commit, durationMs: performance.now() - started };
  }

  return {
    capabilities: () => Promise.resolve(options.capabilities ?? STABLE_CAPABILITIES),

    inspect: (environment) =>
      withRepository(async ({ repository, own }) => {
        const tip = await repository.tip(branch);
        await own.follow(tip);
        return appliedAt(own, repository.reader, tip, environment);
      }),

    apply: (record, plan) => write(record, deployMessage(record), filesFor(record, plan)),
    remove: (record) => write(record, removeMessage(record), []),

    drift: (delivered) =>
      withRepository(async ({ repository, own }) => {
        await repository.refresh();
        const tip = await repository.tip(branch);
        await own.follow(tip);
        const found: Drift[] = [];
        for (const record of delivered) {
          const name = environmentName(record.environment);
          let look = looks.get(name);
          if (look?.tip !== tip || look.generation !== record.generation) {
            const { generation } = record;
            look = { tip, generation, drift: await driftAt(repository, own, record, tip) };
            looks.set(name, look);
          }
          if (look.drift) found.push(look.drift);
        }
        return found;
      }),

    async close() {
      const current = opening;
      opening = undefined;
      await current?.then(({ repository }) => repository.close()).catch(() => undefined);
    },
  };
}

async function open({ repository: url, workFolder }: GitDeliveryOptions): Promise<Opened> {
  const local = isLocalRepository(url);
  const folder = local ? '' : (workFolder ?? (await mkdtemp(join(tmpdir(), 'waybill-mirror-'))));
  const repository = await openRepository({ url, folder });
  await repository.refresh();
  return { repository, own: createOwnCommits(repository.gitDir) };
}

async function driftAt(
  repository: Repository,
  own: OwnCommits,
  record: DesiredRecord,
  tip: string | null,
): Promise<Drift | undefined> {
  const newest = own.newest(record.environment);
  if (newest && newest.generation > record.generation) return undefined;
  if (newest?.generation === record.generation) return folderDrift(repository, record, newest.commit, tip);
  const applied = await appliedAt(own, repository.reader, tip, record.environment);
  // Where the history was cut off there is nothing to compare with; a lower generation means it was turned back.
  return applied?.generation === record.generation ? undefined : folderGone(record, tip);
}
