-- Calls that left, or may have left, for an upstream: a row is written with the decision and deleted
-- with the outcome, so after a crash what is here is what is unknown. Kept tiny on purpose.
CREATE TABLE call_in_flight (
  account uuid NOT NULL,
  id uuid NOT NULL,
  agent uuid NOT NULL,
  key uuid NOT NULL,
  session uuid NOT NULL,
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  approval uuid,
  started_at BIGINT NOT NULL,
  PRIMARY KEY (account, id)
);

CREATE TABLE approval_request (
  account uuid NOT NULL REFERENCES account (id),
  id uuid NOT NULL,
  call uuid NOT NULL,
  agent uuid NOT NULL,
  agent_name TEXT NOT NULL,
  key uuid NOT NULL,
  session uuid NOT NULL,
  server uuid NOT NULL,
  server_name TEXT NOT NULL,
  tool TEXT NOT NULL,
  arguments TEXT NOT NULL,
  call_key bytea NOT NULL,
  approval_digest bytea NOT NULL,
  tool_definition TEXT NOT NULL,
  accepted_definition TEXT NOT NULL,
  verdict TEXT NOT NULL, -- JSON: cause, rule, message and the frozen workflows
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  decided_at BIGINT,
  valid_until BIGINT,
  closing_reason TEXT NOT NULL DEFAULT '',
  revision BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (account, id)
);
CREATE INDEX approval_request_state ON approval_request (account, state, id);
CREATE INDEX approval_request_key ON approval_request (account, call_key, id);

CREATE TABLE approval_vote (
  account uuid NOT NULL,
  request uuid NOT NULL,
  person uuid NOT NULL,
  person_name TEXT NOT NULL,
  decision TEXT NOT NULL,
  comment TEXT NOT NULL,
  channel TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (account, request, person),
  FOREIGN KEY (account, request) REFERENCES approval_request (account, id) ON DELETE CASCADE
);

-- Results kept for an identical retry, encrypted: until delivered + 10 minutes, at most 24 hours.
CREATE TABLE approval_result (
  account uuid NOT NULL,
  request uuid NOT NULL,
  sealed bytea NOT NULL,
  drop_at BIGINT NOT NULL,
  PRIMARY KEY (account, request),
  FOREIGN KEY (account, request) REFERENCES approval_request (account, id) ON DELETE CASCADE
);
