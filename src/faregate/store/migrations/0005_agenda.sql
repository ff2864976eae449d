-- Which accounts' payments ask for something, and when: a hint for whoever asks payment providers.
CREATE TABLE agenda (
    account TEXT NOT NULL PRIMARY KEY,
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX agenda_by_time ON agenda (due_at, account);
