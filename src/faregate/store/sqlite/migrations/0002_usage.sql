-- Projections of settlements: both can be dropped and rebuilt from the journal.
-- A request id begins with its time, so new rows come at the end; prev is the account's usage row settled before
-- ('' before the first), so that pages of one account need no index.
CREATE TABLE usage (
    request        TEXT    NOT NULL PRIMARY KEY,
    account        TEXT    NOT NULL,
    api_key        TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    model          TEXT    NOT NULL,
    client         TEXT    NOT NULL,
    upstream       TEXT    NOT NULL,
    input          INTEGER NOT NULL,
    cached         INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output         INTEGER NOT NULL,
    images         INTEGER NOT NULL,
    tool_calls     INTEGER NOT NULL,
    requests       INTEGER NOT NULL,
    prompts        INTEGER NOT NULL,
    list_value     INTEGER NOT NULL,
    currency       TEXT    NOT NULL,
    drawn          TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    estimated      INTEGER NOT NULL,
    hold_seq       INTEGER NOT NULL,
    settle_seq     INTEGER NOT NULL,
    prev           TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- The hour (since the epoch, UTC) comes first: the rows of the running hour lie together.
CREATE TABLE rollups (
    hour           INTEGER NOT NULL,
    account        TEXT    NOT NULL,
    model          TEXT    NOT NULL,
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
    PRIMARY KEY (hour, account, model)
) STRICT, WITHOUT ROWID;
