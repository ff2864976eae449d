-- Sums of settlements by day (since the epoch, UTC), API key and client: a projection that is brought forward now and
-- then. It can be dropped, the cursors with it, and is then made again from the journal.
CREATE TABLE caller_sums (
    account        TEXT    NOT NULL,
    day            INTEGER NOT NULL,
    api_key        TEXT    NOT NULL,
    client         TEXT    NOT NULL,
    input          INTEGER NOT NULL,
    cached         INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output         INTEGER NOT NULL,
    images         INTEGER NOT NULL,
    tool_calls     INTEGER NOT NULL,
    requests       INTEGER NOT NULL,
    prompts        INTEGER NOT NULL,
    estimated      INTEGER NOT NULL,
    list_values    TEXT    NOT NULL,
    drawn          TEXT    NOT NULL,
    PRIMARY KEY (account, day, api_key, client)
) STRICT, WITHOUT ROWID;

-- through: the seq of the last entry that an account's sums hold.
CREATE TABLE caller_cursors (
    account TEXT    NOT NULL PRIMARY KEY,
    through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
