import { findSecret } from '@waybill/domain';
import { WaybillError, sha256 } from '@waybill/kernel';
import { openDatabase, type Schema } from '../sqlite/database.js';
import { corrupt } from '../sqlite/errors.js';
import { guarded } from '../sqlite/guarded.js';
import { MAX_CONTENT_BYTES, type BlobStore, type Content, type PutOptions } from './blob-store.js';

const SCHEMA: Schema = {
  applicationId: 'WBco',
  migrations: [`CREATE TABLE contents (digest TEXT NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;`],
};

/** Contents in a file of their own (`contents.sqlite`), so that erasing never touches the log. */
export function openSqliteBlobStore({ file }: { file: string }): BlobStore {
  const db = openDatabase({ file, schema: SCHEMA, synchronous: 'FULL', secureDelete: true });
  const run = guarded(db);
  const has = db.prepare<[string], number>('SELECT 1 FROM contents WHERE digest = ?').pluck();
  const get = db.prepare<[string], string>('SELECT text FROM contents WHERE digest = ?').pluck();
  const insert = db.prepare('INSERT INTO contents (digest, text) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const erase = db.prepare('DELETE FROM contents WHERE digest = ?');

  const insertAll = db.transaction((texts: ReadonlyMap<string, string>) => {
    for (const [digest, text] of texts) insert.run(digest, text);
  });

  const putAll = (contents: readonly Content[], options: PutOptions): readonly string[] => {
    for (const content of contents) check(content, options);
    const digests = contents.map(({ text }) => sha256(text));
    // What is there already costs no sync to the disk.
    const missing = new Map(
      digests.map((digest, index) => [digest, contents[index]!.text] as const).filter(([digest]) => !has.get(digest)),
    );
    if (missing.size > 0) insertAll.immediate(missing);
    return digests;
  };

  return {
    put: (text, options = {}) =>
      run(() => {
        const { file: name } = options;
        return putAll([name === undefined ? { text } : { text, file: name }], options)[0]!;
      }),
    putAll: (contents, options = {}) =>
      run(() =>
        putAll(
          contents.map((content) => (typeof content === 'string' ? { text: content } : content)),
          options,
        ),
      ),
    get: (digest) =>
      run(() => {
        const text = get.get(digest);
        if (text === undefined) {
          throw new WaybillError('CONTENT_NOT_FOUND', `no content has the digest ${digest}`, {
            hint: 'It was never stored, or it was erased.',
          });
        }
        if (sha256(text) !== digest) throw corrupt(file, `the content of ${digest} was changed`);
        return text;
      }),
    has: (digest) => run(() => has.get(digest) !== undefined),
    erase: (digest) =>
      run(() => {
        const { changes } = erase.run(digest);
        // The write-ahead log still holds the page as it was: write it home and cut the log.
        if (changes > 0) db.pragma('wal_checkpoint(TRUNCATE)');
        return changes > 0;
      }),
    async close() {
      db.close();
    },
  };
}

function check({ text, file }: Content, { limit = MAX_CONTENT_BYTES, scan = true }: PutOptions): void {
  const name = file ?? 'the content';
  if (!text.isWellFormed()) {
    throw new WaybillError('INVALID_INPUT', `${name} is not text: it holds a lone surrogate`);
  }
  const size = Buffer.byteLength(text);
  if (size > limit) {
    throw new WaybillError('CONTENT_TOO_LARGE', `${name} has ${size} bytes; at most ${limit} can be stored`, {
      hint: 'Keep large files elsewhere and refer to them.',
    });
  }
  const found = scan ? findSecret(name, text) : undefined;
  if (found) {
    throw new WaybillError('SECRET_FOUND', `${found.file}:${found.line} looks like a secret (${found.rule})`, {
      hint: 'Refer to a secret instead of writing it down, and replace the one that was exposed.',
    });
  }
}
