-- email is normalised; password_hash is an Argon2id PHC string, null until one is set.
CREATE TABLE person (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  email TEXT NOT NULL,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL,
  status TEXT NOT NULL,
  password_hash TEXT,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (account, id)
);
CREATE UNIQUE INDEX person_email ON person (account, email);

-- A removed agent keeps its row, because the record and sessions name it; its name is free again.
CREATE TABLE agent (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  tags TEXT NOT NULL,
  owner UUID,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  removed_at BIGINT,
  revision BIGINT NOT NULL,
  PRIMARY KEY (account, id)
);
CREATE UNIQUE INDEX agent_name ON agent (account, name) WHERE removed_at IS NULL;

-- hash = SHA-256 of the key's secret part. Agent and execution keys have an agent, operator keys a
-- person and scopes; parent is the key an elevation was obtained with.
CREATE TABLE api_key (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  class TEXT NOT NULL,
  name TEXT NOT NULL,
  hash BYTEA NOT NULL,
  agent UUID,
  person UUID,
  scopes TEXT NOT NULL,
  made_by_admin BIGINT NOT NULL,
  parent UUID,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT,
  PRIMARY KEY (account, id)
);

-- A console session: both hashes are of what the browser holds, one in a cookie and one in its
-- local storage.
CREATE TABLE login_session (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  person UUID NOT NULL,
  cookie_hash BYTEA NOT NULL,
  header_hash BYTEA NOT NULL,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  authenticated_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (account, id)
);
CREATE UNIQUE INDEX login_session_id ON login_session (id);
CREATE INDEX login_session_person ON login_session (account, person);

CREATE TABLE one_time_link (
  account UUID NOT NULL REFERENCES account (id),
  token_hash BYTEA NOT NULL,
  purpose TEXT NOT NULL,
  person UUID,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (account, token_hash)
);
CREATE UNIQUE INDEX one_time_link_token ON one_time_link (token_hash);

-- A terminal that waits for a signed-in person to confirm its code.
CREATE TABLE cli_login (
  account UUID NOT NULL REFERENCES account (id),
  device_hash BYTEA NOT NULL,
  code TEXT NOT NULL,
  scopes TEXT NOT NULL,
  parent UUID,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  person UUID,
  decision TEXT,
  consumed_at BIGINT,
  PRIMARY KEY (account, device_hash)
);
CREATE UNIQUE INDEX cli_login_device ON cli_login (device_hash);
CREATE INDEX cli_login_code ON cli_login (account, code);

CREATE TABLE runtime_session (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  agent UUID NOT NULL,
  key UUID NOT NULL,
  client TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  last_active_at BIGINT NOT NULL,
  ended_at BIGINT,
  end_reason TEXT NOT NULL,
  PRIMARY KEY (account, id)
);
CREATE INDEX runtime_session_agent ON runtime_session (account, agent, id);
CREATE INDEX runtime_session_live ON runtime_session (account, key) WHERE ended_at IS NULL;
