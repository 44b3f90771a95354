-- MCP servers and the tools they listed. `config` is JSON without secrets (secret:NAME only).
CREATE TABLE mcp_server (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL,
  accepted INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account, id),
  UNIQUE (account, name)
) STRICT, WITHOUT ROWID;

-- A tool that vanished keeps its row (present = 0): when it comes back it is compared with what was
-- accepted.
CREATE TABLE tool (
  account BLOB NOT NULL,
  id BLOB NOT NULL,
  server BLOB NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  definition TEXT NOT NULL,
  accepted_definition TEXT NOT NULL,
  pin TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  present INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (account, id),
  UNIQUE (account, server, name),
  FOREIGN KEY (account, server) REFERENCES mcp_server (account, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
