-- Every policy there was, as canonical YAML; the highest number is in force.
-- A version is never changed or deleted: the record names it by its hash.
CREATE TABLE policy_version (
  account BLOB NOT NULL REFERENCES account (id),
  number INTEGER NOT NULL,
  document TEXT NOT NULL,
  hash BLOB NOT NULL,
  actor TEXT NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account, number)
) STRICT, WITHOUT ROWID;
