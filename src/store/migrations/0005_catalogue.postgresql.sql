-- MCP servers and the tools they listed. `config` is JSON without secrets (secret:NAME only).
CREATE TABLE mcp_server (
  account uuid NOT NULL REFERENCES account (id),
  id uuid NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL,
  accepted BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account, id),
  UNIQUE (account, name)
);

-- A tool that vanished keeps its row (present = 0): when it comes back it is compared with what was
-- accepted.
CREATE TABLE tool (
  account uuid NOT NULL,
  id uuid NOT NULL,
  server uuid NOT NULL,
  name TEXT NOT NULL,
  position BIGINT NOT NULL,
  definition TEXT NOT NULL,
  accepted_definition TEXT NOT NULL,
  pin TEXT NOT NULL,
  enabled BIGINT NOT NULL DEFAULT 1,
  present BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (account, id),
  UNIQUE (account, server, name),
  FOREIGN KEY (account, server) REFERENCES mcp_server (account, id) ON DELETE CASCADE
);
