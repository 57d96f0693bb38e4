import type { Schema } from '../sqlite/database.js';
import { openSqliteSql } from '../sql/sqlite-sql.js';
import type { BlobStore } from './blob-store.js';
import { createBlobStore } from './create-blob-store.js';

const SCHEMA: Schema = {
  applicationId: 'WBco',
  migrations: [`CREATE TABLE contents (digest TEXT NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;`],
};

/** Contents in a file of their own (`contents.sqlite`), so that erasing never touches the log. */
export const openSqliteBlobStore = ({ file }: { file: string }): BlobStore =>
  createBlobStore(openSqliteSql({ file, schema: SCHEMA, synchronous: 'FULL', secureDelete: true }), file);
