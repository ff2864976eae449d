-- Accounts that a flag was raised on, ever: where the review begins. The flags themselves stand in the journal.
CREATE TABLE flagged_accounts (
    account  TEXT    NOT NULL PRIMARY KEY,
    first_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
