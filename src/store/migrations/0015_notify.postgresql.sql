-- Where messages leave: one row a channel. settings is JSON without secrets; sealed is AES-256-GCM.
CREATE TABLE notification_channel (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  settings TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (account, id)
);

-- What reaches one person on a channel: a browser's push subscription, an ntfy topic. address tells
-- one from another and is unique in its kind; sealed is what a message is sent with.
CREATE TABLE notification_device (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  person UUID NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account, id)
);
CREATE UNIQUE INDEX notification_device_address ON notification_device (account, kind, address);

CREATE TABLE notification_preference (
  account UUID NOT NULL REFERENCES account (id),
  person UUID NOT NULL,
  value TEXT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (account, person)
);

-- The outbox, and afterwards the delivery log. dedupe names what may exist once: the same request,
-- channel, person and device. wanted and shown are revisions of the request: what the message should
-- show, and what it shows. due_at is null when there is nothing to do.
CREATE TABLE notification (
  account UUID NOT NULL REFERENCES account (id),
  id UUID NOT NULL,
  dedupe TEXT NOT NULL,
  channel UUID NOT NULL,
  kind TEXT NOT NULL,
  event TEXT NOT NULL,
  request UUID,
  person UUID,
  device UUID,
  step BIGINT NOT NULL,
  state TEXT NOT NULL,
  wanted BIGINT NOT NULL,
  shown BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  due_at BIGINT,
  external TEXT NOT NULL,
  error TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  PRIMARY KEY (account, id)
);
CREATE UNIQUE INDEX notification_dedupe ON notification (account, dedupe);
CREATE INDEX notification_due ON notification (account, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_request ON notification (account, request);

-- One person's way to decide one request without a session: token_hash is SHA-256 of the token.
CREATE TABLE notification_link (
  account UUID NOT NULL REFERENCES account (id),
  token_hash BYTEA NOT NULL,
  request UUID NOT NULL,
  person UUID NOT NULL,
  kind TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (account, token_hash)
);
