-- Calls in flight are kept in memory and written together, several times a second. What happened
-- behind `position` is read from the record (docs/design/002).
ALTER TABLE call_in_flight DROP COLUMN started_at;

CREATE TABLE call_checkpoint (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL
) STRICT;
INSERT INTO call_checkpoint (id, position) SELECT 1, coalesce(max(position), 0) FROM audit_record;
