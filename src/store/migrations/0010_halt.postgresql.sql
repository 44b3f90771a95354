-- What is halted now, by scope. Requests that wait through a halt are given the time back; how much
-- in all stands beside them, so that what people approved (the digest) can still be recomputed.
CREATE TABLE halt (
  account uuid NOT NULL REFERENCES account (id),
  scope TEXT NOT NULL,
  reason TEXT NOT NULL,
  person uuid,
  person_name TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (account, scope)
);

ALTER TABLE approval_request ADD COLUMN given_back BIGINT NOT NULL DEFAULT 0; -- microseconds
