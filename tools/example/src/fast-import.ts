/** Files by path with their whole text; what a commit does not name stays as it was. */
export interface Commit {
  readonly message: string;
  readonly files: Readonly<Record<string, string>>;
}

export interface Branch {
  readonly name: string;
  /** Branch it starts from; undefined for a root. It must stand before this one. */
  readonly from: string | undefined;
  readonly commits: readonly Commit[];
}

export interface Tag {
  readonly name: string;
  /** Branch whose tip it names. */
  readonly on: string;
  readonly message: string;
}

const AUTHOR = 'Example <example@waybill.dev>';
/** 2026-01-05 09:00 UTC; each commit is an hour after the one before. */
const FIRST_DATE = 1_767_603_600;

/** The input of git-fast-import(1) that makes these branches and tags. */
export function fastImportStream(branches: readonly Branch[], tags: readonly Tag[]): string {
  let date = FIRST_DATE;
  const when = (): string => `${AUTHOR} ${(date += 3600)} +0000`;
  const commits = branches.flatMap(({ name, from, commits: own }) =>
    own.map(({ message, files }, index) => {
      const at = when();
      const start = index === 0 && from !== undefined ? `from refs/heads/${from}\n` : '';
      const edits = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
      return `commit refs/heads/${name}\nauthor ${at}\ncommitter ${at}\n${data(message)}${start}${edits.join('')}\n`;
    }),
  );
  const marks = tags.map(
    ({ name, on, message }) => `tag ${name}\nfrom refs/heads/${on}\ntagger ${when()}\n${data(message)}`,
  );
  return [...commits, ...marks, 'done\n'].join('');
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
