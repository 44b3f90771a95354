-- What has been applied to this database; read before every start.
CREATE TABLE schema_migration (
  number BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at BIGINT NOT NULL
);

CREATE TABLE account (
  id UUID NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE setting (
  account UUID NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (account, name)
);

-- The durable change feed. A reference only; readers re-read under their own rights. A reader takes
-- rows whose written_by is below pg_snapshot_xmin(pg_current_snapshot()): numbers are given before
-- the commit, so a higher one may become visible first.
CREATE TABLE event (
  account UUID NOT NULL,
  seq BIGSERIAL NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  at BIGINT NOT NULL,
  written_by XID8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (account, seq)
);

-- Answers kept for a repeated request; status is null while the first one is in progress.
CREATE TABLE idempotency (
  account UUID NOT NULL,
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  route TEXT NOT NULL,
  body_hash BYTEA NOT NULL,
  status BIGINT,
  body TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account, principal, key)
);
CREATE INDEX idempotency_age ON idempotency (account, created_at);

-- A session of a writer: the lock its transactions take first, and which of them committed last,
-- asked after a connection was lost in COMMIT. Of the writer alone.
CREATE TABLE store_writer (
  id UUID NOT NULL PRIMARY KEY,
  batch UUID NOT NULL,
  opened_at BIGINT NOT NULL,
  backend BIGINT NOT NULL,
  backend_start BIGINT NOT NULL,
  closed BIGINT NOT NULL DEFAULT 0
);
