-- Projections of settlements: both can be dropped and rebuilt from the journal.
-- The settlement's entry is the usage row; this finds it. A request id begins with its time: new rows come at the end.
CREATE TABLE settled (
    request    TEXT    NOT NULL PRIMARY KEY,
    journal_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The hour (since the epoch, UTC) comes first: the rows of the running hour lie together.
-- through is the last journal row that the sums hold.
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
    through        INTEGER NOT NULL,
    PRIMARY KEY (hour, account, model)
) STRICT, WITHOUT ROWID;
