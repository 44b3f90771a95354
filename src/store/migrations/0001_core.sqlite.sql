-- What has been applied to this database; read before every start.
CREATE TABLE schema_migration (
  number INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  account BLOB NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- The durable change feed. A reference only; readers re-read under their own rights. AUTOINCREMENT,
-- because a number may not come back after old rows are deleted (Last-Event-ID).
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  account BLOB NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Answers kept for a repeated request; status is null while the first one is in progress.
CREATE TABLE idempotency (
  account BLOB NOT NULL,
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  route TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  status INTEGER,
  body TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account, principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (account, created_at);

-- One row, written under synchronous=FULL once a second, which puts the standard commits before it
-- on the disk. Of the writer alone.
CREATE TABLE writer_heartbeat (
  id INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT;
