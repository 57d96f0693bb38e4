import type { Schema } from './database.js';

/**
 * `text` is the exact RFC 8785 text that was hashed, so that years later the hash can be checked against what is here.
 * Events are never deleted: rowids are the positions, without holes.
 *
 * Each commit writes every page it touched, so the indexes decide how fast appends are. Streams are numbered in the order
 * of their first events: those in use stand next to each other in the index. An id takes 16 bytes, not 36.
 */
export const LOG_SCHEMA: Schema = {
  applicationId: 'WBev',
  migrations: [
    `CREATE TABLE ledger (
       id TEXT NOT NULL,
       only_one INTEGER PRIMARY KEY CHECK (only_one = 1)
     ) STRICT;
     CREATE TABLE events (
       position INTEGER PRIMARY KEY,
       stream TEXT NOT NULL,
       revision INTEGER NOT NULL,
       id TEXT NOT NULL,
       type TEXT NOT NULL,
       text TEXT NOT NULL,
       hash TEXT NOT NULL
     ) STRICT;
     CREATE UNIQUE INDEX events_by_id ON events (id);
     CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);`,
    `ALTER TABLE events RENAME TO events_1;
     DROP INDEX events_by_id;
     DROP INDEX events_by_stream;
     CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
     CREATE TABLE events (
       position INTEGER PRIMARY KEY,
       stream INTEGER NOT NULL REFERENCES streams (number),
       revision INTEGER NOT NULL,
       id BLOB NOT NULL,
       text TEXT NOT NULL,
       hash TEXT NOT NULL
     ) STRICT;
     INSERT INTO streams (name) SELECT stream FROM events_1 GROUP BY stream ORDER BY min(position);
     INSERT INTO events
       SELECT position, number, revision, unhex(id, '-'), text, hash
       FROM events_1 JOIN streams ON name = stream ORDER BY position;
     DROP TABLE events_1;
     CREATE UNIQUE INDEX events_by_id ON events (id);
     CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);`,
  ],
};
