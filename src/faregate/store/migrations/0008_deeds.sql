-- The audit log: who did what, and what came of it. Rows are only ever added.
CREATE TABLE deeds (
    id TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    about TEXT NOT NULL,
    key TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX deeds_by_subject ON deeds (subject, id);

CREATE TRIGGER deeds_never_change BEFORE UPDATE ON deeds
BEGIN
    SELECT RAISE (ABORT, 'the audit log is append-only');
END;
