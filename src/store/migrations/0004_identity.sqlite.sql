-- email is normalised; password_hash is an Argon2id PHC string, null until one is set.
CREATE TABLE person (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  email TEXT NOT NULL,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL,
  status TEXT NOT NULL,
  password_hash TEXT,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX person_email ON person (account, email);

-- A removed agent keeps its row, because the record and sessions name it; its name is free again.
CREATE TABLE agent (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  tags TEXT NOT NULL,
  owner BLOB,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER,
  revision INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX agent_name ON agent (account, name) WHERE removed_at IS NULL;

-- hash = SHA-256 of the key's secret part. Agent and execution keys have an agent, operator keys a
-- person and scopes; parent is the key an elevation was obtained with.
CREATE TABLE api_key (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  class TEXT NOT NULL,
  name TEXT NOT NULL,
  hash BLOB NOT NULL,
  agent BLOB,
  person BLOB,
  scopes TEXT NOT NULL,
  made_by_admin INTEGER NOT NULL,
  parent BLOB,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- A console session: both hashes are of what the browser holds, one in a cookie and one in its
-- local storage.
CREATE TABLE login_session (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  person BLOB NOT NULL,
  cookie_hash BLOB NOT NULL,
  header_hash BLOB NOT NULL,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  authenticated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX login_session_id ON login_session (id);
CREATE INDEX login_session_person ON login_session (account, person);

CREATE TABLE one_time_link (
  account BLOB NOT NULL REFERENCES account (id),
  token_hash BLOB NOT NULL,
  purpose TEXT NOT NULL,
  person BLOB,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (account, token_hash)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_time_link_token ON one_time_link (token_hash);

-- A terminal that waits for a signed-in person to confirm its code.
CREATE TABLE cli_login (
  account BLOB NOT NULL REFERENCES account (id),
  device_hash BLOB NOT NULL,
  code TEXT NOT NULL,
  scopes TEXT NOT NULL,
  parent BLOB,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  person BLOB,
  decision TEXT,
  consumed_at INTEGER,
  PRIMARY KEY (account, device_hash)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX cli_login_device ON cli_login (device_hash);
CREATE INDEX cli_login_code ON cli_login (account, code);

CREATE TABLE runtime_session (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  agent BLOB NOT NULL,
  key BLOB NOT NULL,
  client TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  last_active_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_reason TEXT NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX runtime_session_agent ON runtime_session (account, agent, id);
CREATE INDEX runtime_session_live ON runtime_session (account, key) WHERE ended_at IS NULL;
