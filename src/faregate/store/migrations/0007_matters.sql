-- What of an account's orders, refunds and rewards is open: the operator's list. Follows from the journal.
CREATE TABLE matters (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    since INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX matters_by_kind ON matters (kind, since, account, id);
