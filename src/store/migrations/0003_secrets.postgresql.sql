-- Master keys this deployment has had. The one in use has no sealed bytes: it lives in its file, and
-- check_value tells whether that is the right one. Retired ones are sealed with it, so that what was
-- written under them stays readable. Of the deployment, not of an account.
CREATE TABLE master_key (
  version BIGINT NOT NULL PRIMARY KEY,
  check_value TEXT NOT NULL,
  sealed BYTEA,
  created_at BIGINT NOT NULL
);

-- sealed = nonce ‖ AES-256-GCM ‖ tag under the key of key_version, with account|name|version as AAD.
CREATE TABLE secret (
  account UUID NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  key_version BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (account, name)
);
