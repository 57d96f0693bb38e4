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
    `CREATE UNIQUE INDEX services_by_name ON people (name) WHERE kind = 'service' AND erased_at IS NULL;
     ALTER TABLE retained ADD COLUMN directive INTEGER NOT NULL DEFAULT 0;
     UPDATE retained SET directive = coalesce(json_extract(record, '$.directive.seq'), 0) WHERE record <> 'null';`,
  ],
};

/** The same in PostgreSQL, and the contents with it. */
export const POSTGRES_MIGRATIONS = [
  `CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position TEXT NOT NULL);
   CREATE TABLE timers (
     id TEXT PRIMARY KEY,
     due TEXT COLLATE "C" NOT NULL,
     stream TEXT NOT NULL,
     payload TEXT NOT NULL
   );
   CREATE INDEX timers_by_due ON timers (due);
   CREATE TABLE people (
     id TEXT COLLATE "C" PRIMARY KEY,
     kind TEXT NOT NULL CHECK (kind IN ('person', 'service')),
     login TEXT UNIQUE,
     name TEXT,
     email TEXT,
     chat TEXT,
     created_at TEXT COLLATE "C" NOT NULL,
     erased_at TEXT
   );
   CREATE UNIQUE INDEX services_by_name ON people (name) WHERE kind = 'service' AND erased_at IS NULL;
   CREATE TABLE tokens (
     hash TEXT PRIMARY KEY,
     id TEXT COLLATE "C" NOT NULL UNIQUE,
     principal TEXT NOT NULL,
     created_at TEXT COLLATE "C" NOT NULL,
     expires_at TEXT,
     revoked_at TEXT,
     last_used_at TEXT
   );
   CREATE INDEX tokens_by_principal ON tokens (principal);
   CREATE TABLE retained (
     location TEXT NOT NULL,
     environment TEXT COLLATE "C" NOT NULL,
     generation BIGINT NOT NULL,
     directive BIGINT NOT NULL,
     record TEXT NOT NULL,
     PRIMARY KEY (location, environment)
   );
   CREATE TABLE tiles (number BIGINT PRIMARY KEY, position TEXT NOT NULL, root TEXT NOT NULL);
   CREATE TABLE ledger (id TEXT NOT NULL, only_one INTEGER PRIMARY KEY CHECK (only_one = 1));
   CREATE TABLE contents (digest TEXT PRIMARY KEY, text BYTEA NOT NULL);`,
];
