import { findSecret } from '@waybill/domain';
import { WaybillError, sha256 } from '@waybill/kernel';
import { type Sql, one, placeholders } from '../sql/sql.js';
import { corrupt } from '../sqlite/errors.js';
import { MAX_CONTENT_BYTES, type BlobStore, type Content, type PutOptions } from './blob-store.js';

/** @param where names the database in messages */
export function createBlobStore(sql: Sql, where: string): BlobStore {
  async function known(digests: readonly string[]): Promise<ReadonlySet<string>> {
    if (digests.length === 0) return new Set();
    const rows = await sql.all<{ digest: string }>(
      `SELECT digest FROM contents WHERE digest IN (${placeholders(digests.length)})`,
      ...digests,
    );
    return new Set(rows.map(({ digest }) => digest));
  }

  async function putAll(contents: readonly Content[], options: PutOptions): Promise<readonly string[]> {
    for (const content of contents) check(content, options);
    const digests = contents.map(({ text }) => sha256(text));
    const texts = new Map(digests.map((digest, index) => [digest, contents[index]!.text]));
    // What is there already costs no sync to the disk.
    for (const digest of await known([...texts.keys()])) texts.delete(digest);
    if (texts.size > 0) {
      await sql.run(
        `INSERT INTO contents (digest, text) VALUES ${placeholders(texts.size, '(?, ?)')} ON CONFLICT DO NOTHING`,
        ...[...texts].flatMap(([digest, text]) => [digest, sql.packed(text)]),
      );
    }
    return digests;
  }

  return {
    async put(text, options = {}) {
      const { file } = options;
      return (await putAll([file === undefined ? { text } : { text, file }], options))[0]!;
    },
    putAll: (contents, options = {}) =>
      putAll(
        contents.map((content) => (typeof content === 'string' ? { text: content } : content)),
        options,
      ),
    async get(digest) {
      const row = await one<{ text: string | Buffer }>(sql, 'SELECT text FROM contents WHERE digest = ?', digest);
      if (!row) {
        throw new WaybillError('CONTENT_NOT_FOUND', `no content has the digest ${digest}`, {
          hint: 'It was never stored, or it was erased.',
        });
      }
      const text = sql.unpacked(row.text);
      if (sha256(text) !== digest) throw corrupt(where, `the content of ${digest} was changed`);
      return text;
    },
    has: async (digest) => (await known([digest])).size > 0,
    async erase(digest) {
      const erased = await sql.run('DELETE FROM contents WHERE digest = ?', digest);
      if (erased > 0) await sql.clear('contents');
      return erased > 0;
    },
    close: () => sql.close(),
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
