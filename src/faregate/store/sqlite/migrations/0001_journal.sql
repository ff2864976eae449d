-- The journal, in the order in which it was written, whoever's entry it is: an append touches the last page only.
-- An account's entries hang together by prev (0 before the first); heads says where each chain ends.
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

-- last_usage is the request of the account's newest usage row, '' before the first.
CREATE TABLE heads (
    account    TEXT    NOT NULL PRIMARY KEY,
    seq        INTEGER NOT NULL,
    last_id    INTEGER NOT NULL,
    chain      BLOB    NOT NULL,
    open_holds INTEGER NOT NULL,
    last_usage TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
    account TEXT    NOT NULL PRIMARY KEY,
    seq     INTEGER NOT NULL,
    blob    BLOB    NOT NULL
) STRICT;
