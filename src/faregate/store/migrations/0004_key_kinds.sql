-- The kind of a key: which of its account's plans it draws on ('' for all of them).
ALTER TABLE api_keys ADD COLUMN kind TEXT NOT NULL DEFAULT '';
