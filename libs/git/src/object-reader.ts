import { accessSync } from 'node:fs';
import { join } from 'node:path';
import { RetryableError, WaybillError } from '@waybill/kernel';
import { type GitChild, exitOf, gitFailed, holdProcessAlive, kill, redact, spawnGit } from './git-program.js';

export interface ObjectInfo {
  /** Hex name, 40 or 64 digits. */
  readonly oid: string;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  /** Bytes. */
  readonly size: number;
}

export interface GitObject {
  readonly oid: string;
  readonly type: ObjectInfo['type'];
  readonly content: Buffer;
}

/**
 * Objects of one repository, read through one long-lived Git process: about 0.1 ms a question. Refs and objects
 * written later by others are seen. `rev` is anything `git rev-parse` takes on one line: `refs/heads/main`,
 * `<oid>^{tree}`, `<oid>:path`. Every method throws `GIT_FAILED` when the repository cannot be read.
 */
export interface ObjectReader {
  /** Null when there is no such object. */
  info(rev: string): Promise<ObjectInfo | null>;
  /** Null when there is no such object. */
  read(rev: string): Promise<GitObject | null>;
  /** In the order asked, in one round trip. */
  readMany(revs: readonly string[]): Promise<(GitObject | null)[]>;
  /** In the order asked, in one round trip. */
  infoMany(revs: readonly string[]): Promise<(ObjectInfo | null)[]>;
  close(): Promise<void>;
}

interface Answer extends ObjectInfo {
  readonly content: Buffer;
}

interface Question {
  readonly line: string;
  readonly wantsContent: boolean;
  /** How often Git died while this was the question being answered. */
  deaths: number;
  resolve(answer: Answer | null): void;
  reject(error: unknown): void;
}

/** Milliseconds without a byte while a question is open, after which Git is taken for stuck. */
const STUCK_AFTER_MS = 30_000;

/** Git keeps what it has parsed: the process is replaced after this many answers, when nobody waits. */
const ANSWERS_PER_PROCESS = 100_000;

const NOTHING = Buffer.alloc(0);
const HEADER = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob|tag) ([0-9]+)$/;

export function openObjectReader(gitDir: string): ObjectReader {
  let closed = false;
  let running: { child: GitChild; ended: Promise<void>; answered: number } | undefined;
  let open: Question[] = [];
  let unsent: Question[] = [];
  let watchdog: NodeJS.Timeout | undefined;

  function start(): NonNullable<typeof running> {
    const child = spawnGit(['cat-file', '--batch-command', '--buffer'], { gitDir });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString('utf8')).slice(-4000)));
    const takeChunk = answerParser(
      () => open[0]?.wantsContent ?? false,
      settleFirst,
      () => kill(child),
    );
    child.stdout.on('data', (chunk: Buffer) => {
      keepWatch();
      takeChunk(chunk);
    });
    const ended = exitOf(child).then(
      () => died(child, redact(words.trim())),
      (error: unknown) => failAll(child, error),
    );
    return { child, ended, answered: 0 };
  }

  function settleFirst(answer: Answer | null): void {
    const question = open.shift();
    if (running) running.answered++;
    question?.resolve(answer);
    keepWatch();
    if (open.length > 0 || unsent.length > 0 || !running) return;
    if (running.answered >= ANSWERS_PER_PROCESS) {
      running.child.stdin.end();
      running = undefined;
    } else {
      holdProcessAlive(running.child, false);
    }
  }

  /** Asks again what was open; only the question Git was at when it died is suspect, and is given up the second time. */
  function died(child: GitChild, words: string): void {
    if (running?.child !== child) return;
    running = undefined;
    const [first, ...rest] = open;
    open = [];
    if (!first) return;
    if (closed) for (const question of rest) question.reject(gitFailed(['cat-file'], { gitDir }, words));
    else unsent = [...rest, ...unsent];
    if (++first.deaths > 1 || closed) first.reject(gitFailed(['cat-file'], { gitDir }, words));
    else unsent.unshift(first);
    if (unsent.length > 0) send();
    keepWatch();
  }

  function failAll(child: GitChild, error: unknown): void {
    if (running?.child !== child) return;
    running = undefined;
    const all = [...open, ...unsent];
    open = [];
    unsent = [];
    keepWatch();
    for (const question of all) question.reject(error);
  }

  function send(): void {
    if (unsent.length === 0) return;
    running ??= start();
    holdProcessAlive(running.child, true);
    open.push(...unsent);
    const lines = unsent.map((question) => question.line).join('');
    unsent = [];
    keepWatch();
    running.child.stdin.write(`${lines}flush\n`);
  }

  function keepWatch(): void {
    clearTimeout(watchdog);
    if (open.length === 0 || !running) return;
    const { child } = running;
    watchdog = setTimeout(() => {
      const error = new RetryableError('GIT_FAILED', `git cat-file in ${gitDir} has not answered for 30 s`);
      failAll(child, error);
      kill(child);
    }, STUCK_AFTER_MS);
    watchdog.unref();
  }

  function ask(command: 'info' | 'contents', rev: string): Promise<Answer | null> {
    if (closed) return Promise.reject(new WaybillError('INVALID_STATE', `the reader of ${gitDir} is closed`));
    if (rev === '' || /[\n\0]/.test(rev)) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      if (unsent.length === 0) queueMicrotask(send);
      unsent.push({ line: `${command} ${rev}\n`, wantsContent: command === 'contents', deaths: 0, resolve, reject });
    });
  }

  /** A running Git answers “missing” for everything once its repository is gone: that is another answer. */
  async function seeWhetherItIsThere<T>(answers: (T | null)[]): Promise<(T | null)[]> {
    if (answers.includes(null)) await assertRepository(gitDir);
    return answers;
  }

  const askMany = async (command: 'info' | 'contents', revs: readonly string[]): Promise<(Answer | null)[]> =>
    seeWhetherItIsThere(await Promise.all(revs.map((rev) => ask(command, rev))));

  const asInfo = (answer: Answer | null): ObjectInfo | null =>
    answer && { oid: answer.oid, type: answer.type, size: answer.size };
  const asObject = (answer: Answer | null): GitObject | null =>
    answer && { oid: answer.oid, type: answer.type, content: answer.content };

  return {
    info: async (rev) => asInfo((await askMany('info', [rev]))[0]!),
    read: async (rev) => asObject((await askMany('contents', [rev]))[0]!),
    readMany: async (revs) => (await askMany('contents', revs)).map(asObject),
    infoMany: async (revs) => (await askMany('info', revs)).map(asInfo),
    async close() {
      send();
      closed = true;
      if (!running) return;
      const { child, ended } = running;
      holdProcessAlive(child, true);
      child.stdin.end();
      const patience = setTimeout(() => kill(child), 2000);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** Throws `GIT_FAILED` when there is no repository at `gitDir` (any more). */
export async function assertRepository(gitDir: string): Promise<void> {
  try {
    accessSync(join(gitDir, 'HEAD'));
  } catch (cause) {
    throw new WaybillError('GIT_FAILED', `${gitDir} is not a Git repository, or is gone`, {
      hint: 'See whether the path is right and this process may read it.',
      cause,
    });
  }
}

/** Cuts the output of `cat-file --batch-command` into answers: git-cat-file(1), BATCH OUTPUT. */
function answerParser(
  contentFollows: () => boolean,
  settle: (answer: Answer | null) => void,
  onGarbage: () => void,
): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let have = 0;
  let needed = 0;
  return (chunk) => {
    chunks.push(chunk);
    have += chunk.length;
    if (have < needed) return;
    const data = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    let at = 0;
    needed = 0;
    for (;;) {
      const newline = data.indexOf(10, at);
      if (newline < 0) break;
      const header = data.toString('utf8', at, newline);
      const match = HEADER.exec(header);
      if (!match) {
        if (!/ (missing|ambiguous)$/.test(header)) return onGarbage();
        at = newline + 1;
        settle(null);
        continue;
      }
      const size = Number(match[3]);
      const end = newline + 1 + (contentFollows() ? size + 1 : 0);
      if (end > data.length) {
        needed = end - at;
        break;
      }
      const content = contentFollows() ? data.subarray(newline + 1, newline + 1 + size) : NOTHING;
      at = end;
      settle({ oid: match[1]!, type: match[2] as ObjectInfo['type'], size, content });
    }
    chunks = at < data.length ? [data.subarray(at)] : [];
    have = data.length - at;
  };
}
