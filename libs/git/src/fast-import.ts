import { WaybillError } from '@waybill/kernel';

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface FileEdit {
  /** Path from the root of the repository, `/` between names. */
  readonly path: string;
  /** Null removes the file, or the folder of that name. */
  readonly content: string | Buffer | null;
}

export interface CommitText {
  readonly message: string;
  readonly author: Person;
  readonly committer?: Person;
  /** ISO 8601 instant. */
  readonly date: string;
  readonly removeFolder?: string;
  readonly edits: readonly FileEdit[];
}

/** One commit on `ref` as git-fast-import(1) reads it; it answers with the commit's id on one line. */
export function fastImportStream(ref: string, parent: string | null, commit: CommitText): Buffer {
  const parts: (string | Buffer)[] = [];
  const date = gitDate(commit.date);
  parts.push(
    `commit ${ref}\nmark :1\n`,
    `author ${identity(commit.author)} ${date}\n`,
    `committer ${identity(commit.committer ?? commit.author)} ${date}\n`,
  );
  pushData(parts, commit.message);
  if (parent !== null) parts.push(`from ${parent}\n`);
  if (commit.removeFolder !== undefined) parts.push(`D ${quoted(commit.removeFolder)}\n`);
  for (const { path, content } of commit.edits) {
    if (content === null) {
      parts.push(`D ${quoted(path)}\n`);
    } else {
      parts.push(`M 100644 inline ${quoted(path)}\n`);
      pushData(parts, content);
    }
  }
  parts.push('\nget-mark :1\ndone\n');
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)));
}

function pushData(parts: (string | Buffer)[], content: string | Buffer): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  parts.push(`data ${bytes.length}\n`, bytes, '\n');
}

function gitDate(instant: string): string {
  const seconds = Math.floor(Date.parse(instant) / 1000);
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw new WaybillError('INVALID_INPUT', `${instant} is not an instant Git can keep`);
  }
  return `${seconds} +0000`;
}

/** `<`, `>` and line breaks would end the name early. */
function identity({ name, email }: Person): string {
  const clean = (text: string): string => text.replace(/[<>\n\r\0]/g, ' ').trim();
  return `${clean(name)} <${clean(email)}>`;
}

/** A path as git-fast-import(1) reads it, in C-style quotes. Throws `INVALID_INPUT` for one that Git would not keep. */
function quoted(path: string): string {
  const names = path.split('/');
  if (!path.isWellFormed() || path.includes('\0') || names.some((name) => isForbidden(name))) {
    throw new WaybillError('INVALID_INPUT', `${JSON.stringify(path)} is not a path a Git repository can hold`, {
      hint: 'Names between slashes must not be empty, . or .., nor .git.',
    });
  }
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

const isForbidden = (name: string): boolean => name === '' || name === '.' || name === '..' || /^\.git$/i.test(name);

/** Throws `INVALID_INPUT` for what git-check-ref-format(1) refuses in a branch name. */
export function assertBranchName(branch: string): void {
  const odd = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|^\/|\/$|\/\/|^\.|\/\.|\.$|\.lock($|\/)|^@$|^-/;
  if (branch === '' || !branch.isWellFormed() || odd.test(branch)) {
    throw new WaybillError('INVALID_INPUT', `${JSON.stringify(branch)} is not a branch name Git allows`);
  }
}
