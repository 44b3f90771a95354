-- The record (docs/formats/audit-record-v1.md). `position` orders by time across chains: microseconds
-- shifted left by 10, plus a counter. Two nodes may choose the same one, therefore the chain is part
-- of the key; times in filters are positions.
CREATE TABLE audit_record (
  account UUID NOT NULL,
  position BIGINT NOT NULL,
  chain UUID NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  agent UUID,
  call UUID,
  tool TEXT,
  record TEXT NOT NULL,
  PRIMARY KEY (account, position, chain)
);

-- What records commit to. Its position is the record's plus the payload kind's number (0 to 3).
CREATE TABLE audit_payload (
  account UUID NOT NULL,
  position BIGINT NOT NULL,
  chain UUID NOT NULL,
  record_id UUID NOT NULL,
  kind TEXT NOT NULL,
  content_is TEXT NOT NULL,
  sealed BIGINT NOT NULL,
  size BIGINT NOT NULL,
  salt BYTEA NOT NULL,
  content BYTEA NOT NULL,
  has_blob BIGINT NOT NULL,
  PRIMARY KEY (account, position, chain)
);

CREATE TABLE audit_blob (
  account UUID NOT NULL,
  position BIGINT NOT NULL,
  chain UUID NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (account, position, chain)
);

CREATE TABLE audit_chain (
  account UUID NOT NULL,
  chain UUID NOT NULL,
  opened_at BIGINT NOT NULL,
  PRIMARY KEY (account, chain)
);

CREATE TABLE audit_head (
  account UUID NOT NULL,
  chain UUID NOT NULL,
  seq BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  hash BYTEA NOT NULL,
  origin TEXT NOT NULL,
  at BIGINT NOT NULL,
  key_id TEXT NOT NULL,
  signature BYTEA NOT NULL,
  PRIMARY KEY (account, chain, seq, purpose)
);

-- Public halves of every signing key there was, of the server as a whole.
CREATE TABLE audit_key (
  id TEXT NOT NULL PRIMARY KEY,
  public_key BYTEA NOT NULL,
  endorsed_by TEXT,
  endorsement BYTEA,
  created_at BIGINT NOT NULL
);
