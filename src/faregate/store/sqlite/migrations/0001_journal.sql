-- The journal, in the order in which it was written, whoever's entry it is: an append touches the last page only.
-- An account's entries hang together by prev (0 before the first); the account's head says where its chain ends.
-- Rows are numbered without a gap: an append names the numbers of its rows, and fails where they are taken.
-- body is the whole entry as JSON, chain the hash over the chain before it and body (store/encoding.py).
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY,
    account TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    prev    INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    chain   BLOB    NOT NULL
) STRICT;

-- One entry in 64 can be found by its seq; from there the links lead back to any other.
CREATE UNIQUE INDEX journal_marks ON journal (account, seq) WHERE seq % 64 = 0;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE (ABORT, 'the journal is append-only');
END;

-- How far the projections have come: heads, rollups and settled hold every journal row up to this one. What comes after
-- it is read from the journal, so that an append writes nothing but the journal.
CREATE TABLE projected (
    through INTEGER NOT NULL
) STRICT;
INSERT INTO projected VALUES (0);

-- Where each account's chain ended when it was last folded; last_id is the journal row.
CREATE TABLE heads (
    account    TEXT    NOT NULL PRIMARY KEY,
    seq        INTEGER NOT NULL,
    last_id    INTEGER NOT NULL,
    chain      BLOB    NOT NULL,
    open_holds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
    account TEXT    NOT NULL PRIMARY KEY,
    seq     INTEGER NOT NULL,
    blob    BLOB    NOT NULL
) STRICT;
