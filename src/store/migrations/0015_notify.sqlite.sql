-- Where messages leave: one row a channel. settings is JSON without secrets; sealed is AES-256-GCM.
CREATE TABLE notification_channel (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  settings TEXT NOT NULL,
  sealed BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- What reaches one person on a channel: a browser's push subscription, an ntfy topic. address tells
-- one from another and is unique in its kind; sealed is what a message is sent with.
CREATE TABLE notification_device (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  person BLOB NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  sealed BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX notification_device_address ON notification_device (account, kind, address);

CREATE TABLE notification_preference (
  account BLOB NOT NULL REFERENCES account (id),
  person BLOB NOT NULL,
  value TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

-- The outbox, and afterwards the delivery log. dedupe names what may exist once: the same request,
-- channel, person and device. wanted and shown are revisions of the request: what the message should
-- show, and what it shows. due_at is null when there is nothing to do.
CREATE TABLE notification (
  account BLOB NOT NULL REFERENCES account (id),
  id BLOB NOT NULL,
  dedupe TEXT NOT NULL,
  channel BLOB NOT NULL,
  kind TEXT NOT NULL,
  event TEXT NOT NULL,
  request BLOB,
  person BLOB,
  device BLOB,
  step INTEGER NOT NULL,
  state TEXT NOT NULL,
  wanted INTEGER NOT NULL,
  shown INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER,
  external TEXT NOT NULL,
  error TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX notification_dedupe ON notification (account, dedupe);
CREATE INDEX notification_due ON notification (account, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_request ON notification (account, request);

-- One person's way to decide one request without a session: token_hash is SHA-256 of the token.
CREATE TABLE notification_link (
  account BLOB NOT NULL REFERENCES account (id),
  token_hash BLOB NOT NULL,
  request BLOB NOT NULL,
  person BLOB NOT NULL,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (account, token_hash)
) STRICT, WITHOUT ROWID;
