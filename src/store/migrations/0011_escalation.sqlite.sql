-- How far a request has come in what its workflows do by themselves: reminders and levels.
ALTER TABLE approval_request ADD COLUMN steps_done INTEGER NOT NULL DEFAULT 0;
