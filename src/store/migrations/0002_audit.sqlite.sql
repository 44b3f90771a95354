-- The record (docs/formats/audit-record-v1.md). `position` orders by time across chains: microseconds
-- shifted left by 10, plus a counter. It is the rowid, so that the hot path appends to one b-tree and
-- keeps no index; times in filters are positions.
CREATE TABLE audit_record (
  position INTEGER NOT NULL PRIMARY KEY,
  account BLOB NOT NULL,
  chain BLOB NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  agent BLOB,
  call BLOB,
  tool TEXT,
  record TEXT NOT NULL
) STRICT;

-- What records commit to. Its position is the record's plus the payload kind's number (0 to 3).
CREATE TABLE audit_payload (
  position INTEGER NOT NULL PRIMARY KEY,
  account BLOB NOT NULL,
  chain BLOB NOT NULL,
  record_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  content_is TEXT NOT NULL,
  sealed INTEGER NOT NULL,
  size INTEGER NOT NULL,
  salt BLOB NOT NULL,
  content BLOB NOT NULL,
  has_blob INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_blob (
  position INTEGER NOT NULL PRIMARY KEY,
  account BLOB NOT NULL,
  chain BLOB NOT NULL,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE audit_chain (
  account BLOB NOT NULL,
  chain BLOB NOT NULL,
  opened_at INTEGER NOT NULL,
  PRIMARY KEY (account, chain)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
  account BLOB NOT NULL,
  chain BLOB NOT NULL,
  seq INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  hash BLOB NOT NULL,
  origin TEXT NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (account, chain, seq, purpose)
) STRICT, WITHOUT ROWID;

-- Public halves of every signing key there was, of the server as a whole.
CREATE TABLE audit_key (
  id TEXT NOT NULL PRIMARY KEY,
  public_key BLOB NOT NULL,
  endorsed_by TEXT,
  endorsement BLOB,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
