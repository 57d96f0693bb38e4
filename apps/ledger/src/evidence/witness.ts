import { parseCheckpoint, parseNote } from '@waybill/evidence';
import { type Repository, isLocalRepository, localPath, openRepository, runGit } from '@waybill/git';
import { RetryableError, WaybillError, isWaybillError } from '@waybill/kernel';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Somebody outside the ledger's reach who keeps its checkpoints. */
export interface Witness {
  /** Where it is, without credentials. */
  readonly name: string;
  /** Hands over a signed note. Handing it over again changes nothing. Throws when it is not known to be kept. */
  keep(note: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** As `WAYBILL_WITNESS` names it: `git+<url of a repository>` or `https://…`. */
export type WitnessAddress = { readonly kind: 'git' | 'http'; readonly url: string };

const REQUEST_TIMEOUT_MS = 30_000;
const BRANCH = 'main';
const WAYBILL = { name: 'Waybill', email: 'waybill@localhost' };

/** A string says what is wrong with the address. */
export function parseWitness(text: string): WitnessAddress | string {
  const git = /^git\+((?:file|https|ssh):\/\/\S+)$/.exec(text)?.[1];
  if (git !== undefined) return { kind: 'git', url: git };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) {
    return { kind: 'http', url: text };
  }
  return 'give git+file:///path/to/repository, git+https://…, git+ssh://… or https://…';
}

const isLoopback = (hostname: string): boolean => hostname === 'localhost' || /^127\.|^\[::1\]$/.test(hostname);

export interface WitnessOptions {
  /** For a mirror of a remote repository. */
  readonly folder: string;
  /** The root of the ledger's tree at a size, in hex; undefined when the log is shorter. */
  readonly rootAt: (treeSize: number) => Promise<string | undefined>;
}

export function openWitness(address: WitnessAddress, options: WitnessOptions): Witness {
  return address.kind === 'git' ? gitWitness(address.url, options) : httpWitness(address.url);
}

/** Whatever answers 2xx to the note has kept it. */
function httpWitness(url: string): Witness {
  const { origin, pathname } = new URL(url);
  const name = `${origin}${pathname}`;
  return {
    name,
    async keep(note, signal) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: note,
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      await answer.arrayBuffer();
      if (!answer.ok) throw new RetryableError('STORE_UNAVAILABLE', `${name} answered ${answer.status}`);
    },
    close: () => Promise.resolve(),
  };
}

/**
 * A commit for each checkpoint, on `main`: `<ledger id>/<tree size>.note`, and the newest as `<ledger id>/newest.note`.
 * A local path where nothing is yet gets a bare repository. A log that does not lead to the newest one kept is refused:
 * the repository holds one history only.
 */
function gitWitness(url: string, { folder, rootAt }: WitnessOptions): Witness {
  let opened: Repository | undefined;
  return {
    name: url.replace(/\/\/[^/@]*@/, '//'),
    async keep(note, signal) {
      const { ledgerId, treeSize } = parseCheckpoint(parseNote(note).text);
      const at = (name: string): string => `${encodeURIComponent(ledgerId)}/${name}.note`;
      opened ??= await open(url, folder);
      try {
        await opened.commit({
          branch: BRANCH,
          message: `Checkpoint of ${treeSize} events of ${ledgerId}\n`,
          author: WAYBILL,
          date: new Date().toISOString(),
          edits: [
            { path: at(String(treeSize)), content: note },
            { path: at('newest'), content: note },
          ],
          accept: async (tip, reader) => {
            if (tip === null) return true;
            const newest = await reader.read(`${tip}:${at('newest')}`);
            if (newest) await refuseAnotherHistory(newest.content.toString('utf8'), rootAt);
            return (await reader.read(`${tip}:${at(String(treeSize))}`)) === null;
          },
          signal,
        });
      } catch (error) {
        if (isWaybillError(error, 'GIT_FAILED')) await close();
        throw error;
      }
    },
    close,
  };

  async function close(): Promise<void> {
    const closing = opened;
    opened = undefined;
    await closing?.close().catch(() => undefined);
  }
}

async function refuseAnotherHistory(note: string, rootAt: WitnessOptions['rootAt']): Promise<void> {
  const { ledgerId, treeSize, root } = parseCheckpoint(parseNote(note).text);
  const ours = await rootAt(treeSize);
  if (ours === root) return;
  const problem = ours === undefined ? 'the log is shorter now' : 'the log has other events there';
  throw new WaybillError(
    'INVALID_STATE',
    `the witness keeps a checkpoint of ${treeSize} events of ${ledgerId}, but ${problem}`,
    {
      hint: 'The log was set back or changed since: export it and verify it with that checkpoint.',
    },
  );
}

async function open(url: string, folder: string): Promise<Repository> {
  if (isLocalRepository(url)) await ensureBare(localPath(url));
  return openRepository({ url, folder: join(folder, 'witness-mirror') });
}

async function ensureBare(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw new WaybillError('GIT_FAILED', `cannot make the repository ${path}: ${(error as Error).message}`);
  }
  await runGit(['init', '--quiet', '--bare', `--initial-branch=${BRANCH}`, path]);
}
