-- Calls that left, or may have left, for an upstream: a row is written with the decision and deleted
-- with the outcome, so after a crash what is here is what is unknown. Kept tiny on purpose.
CREATE TABLE call_in_flight (
  account BLOB NOT NULL,
  id BLOB NOT NULL,
  agent BLOB NOT NULL,
  key BLOB NOT NULL,
  session BLOB NOT NULL,
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  approval BLOB,
  started_at INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval_request (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  call BLOB NOT NULL,
  agent BLOB NOT NULL,
  agent_name TEXT NOT NULL,
  key BLOB NOT NULL,
  session BLOB NOT NULL,
  server BLOB NOT NULL,
  server_name TEXT NOT NULL,
  tool TEXT NOT NULL,
  arguments TEXT NOT NULL,
  call_key BLOB NOT NULL,
  approval_digest BLOB NOT NULL,
  tool_definition TEXT NOT NULL,
  accepted_definition TEXT NOT NULL,
  verdict TEXT NOT NULL, -- JSON: cause, rule, message and the frozen workflows
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  decided_at INTEGER,
  valid_until INTEGER,
  closing_reason TEXT NOT NULL DEFAULT '',
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_request_state ON approval_request (account, state, id);
CREATE INDEX approval_request_key ON approval_request (account, call_key, id);

CREATE TABLE approval_vote (
  account BLOB NOT NULL,
  request BLOB NOT NULL,
  person BLOB NOT NULL,
  person_name TEXT NOT NULL,
  decision TEXT NOT NULL,
  comment TEXT NOT NULL,
  channel TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, request, person),
  FOREIGN KEY (account, request) REFERENCES approval_request (account, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Results kept for an identical retry, encrypted: until delivered + 10 minutes, at most 24 hours.
CREATE TABLE approval_result (
  account BLOB NOT NULL,
  request BLOB NOT NULL,
  sealed BLOB NOT NULL,
  drop_at INTEGER NOT NULL,
  PRIMARY KEY (account, request),
  FOREIGN KEY (account, request) REFERENCES approval_request (account, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
