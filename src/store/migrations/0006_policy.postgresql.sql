-- Every policy there was, as canonical YAML; the highest number is in force.
-- A version is never changed or deleted: the record names it by its hash.
CREATE TABLE policy_version (
  account UUID NOT NULL REFERENCES account (id),
  number BIGINT NOT NULL,
  document TEXT NOT NULL,
  hash BYTEA NOT NULL,
  actor TEXT NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account, number)
);
