import { WaybillError } from '@waybill/kernel';
import { type ObjectFormat, newObject } from './new-object.js';
import type { GitObject } from './object-reader.js';

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface CommitText {
  /** Subject, body and trailers, as they are to stand in the commit. */
  readonly message: string;
  readonly author: Person;
  /** The author when not given. */
  readonly committer?: Person;
  /** ISO 8601 instant, for author and committer. */
  readonly date: string;
}

export function commitObject(tree: string, parent: string | null, text: CommitText, format: ObjectFormat): GitObject {
  const date = gitDate(text.date);
  const lines = [
    `tree ${tree}`,
    ...(parent === null ? [] : [`parent ${parent}`]),
    `author ${identity(text.author)} ${date}`,
    `committer ${identity(text.committer ?? text.author)} ${date}`,
    '',
    text.message.replaceAll('\0', ' '),
  ];
  return newObject('commit', Buffer.from(lines.join('\n'), 'utf8'), format);
}

function gitDate(instant: string): string {
  const seconds = Math.floor(Date.parse(instant) / 1000);
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw new WaybillError('INVALID_INPUT', `${instant} is not an instant Git can keep`);
  }
  return `${seconds} +0000`;
}

/** `<`, `>` and line breaks would end the name early; fsck refuses a commit by nobody. */
function identity({ name, email }: Person): string {
  const clean = (text: string): string => text.replace(/[<>\n\r\0]/g, ' ').trim();
  return `${clean(name) || clean(email) || 'unknown'} <${clean(email)}>`;
}

/** Throws `INVALID_INPUT` for what git-check-ref-format(1) refuses in a branch name. */
export function assertBranchName(branch: string): void {
  const odd = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|^\/|\/$|\/\/|^\.|\/\.|\.$|\.lock($|\/)|^@$|^-/;
  if (branch === '' || !branch.isWellFormed() || odd.test(branch)) {
    throw new WaybillError('INVALID_INPUT', `${JSON.stringify(branch)} is not a branch name Git allows`);
  }
}
