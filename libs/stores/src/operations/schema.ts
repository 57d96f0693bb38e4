import type { Schema } from '../sqlite/database.js';

/** Operational state: not events, not views, untouched by a rebuild. Losing it (but for people and tokens) costs work only. */
export const OPERATIONS_SCHEMA: Schema = {
  applicationId: 'WBop',
  migrations: [
    `CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position TEXT NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE timers (
       id TEXT PRIMARY KEY,
       due TEXT NOT NULL,
       stream TEXT NOT NULL,
       payload TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX timers_by_due ON timers (due);
     CREATE TABLE people (
       id TEXT PRIMARY KEY,
       kind TEXT NOT NULL CHECK (kind IN ('person', 'service')),
       login TEXT UNIQUE,
       name TEXT,
       email TEXT,
       chat TEXT,
       created_at TEXT NOT NULL,
       erased_at TEXT
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE tokens (
       hash TEXT PRIMARY KEY,
       id TEXT NOT NULL UNIQUE,
       principal TEXT NOT NULL,
       created_at TEXT NOT NULL,
       expires_at TEXT,
       revoked_at TEXT,
       last_used_at TEXT
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX tokens_by_principal ON tokens (principal);
     CREATE TABLE retained (
       location TEXT NOT NULL,
       environment TEXT NOT NULL,
       generation INTEGER NOT NULL,
       record TEXT NOT NULL,
       PRIMARY KEY (location, environment)
     ) STRICT;`,
    `CREATE TABLE tiles (number INTEGER PRIMARY KEY, position TEXT NOT NULL, root TEXT NOT NULL) STRICT;`,
    `CREATE TABLE ledger (id TEXT NOT NULL, only_one INTEGER PRIMARY KEY CHECK (only_one = 1)) STRICT;`,
  ],
};
