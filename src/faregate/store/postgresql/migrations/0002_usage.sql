-- Projections of settlements, in partitions by month (folding.py makes them): old months can be dropped or moved away
-- whole, and be rebuilt from the journal. The settlement's entry is the usage row; `settled` finds it.
CREATE TABLE settled (
    account TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    request TEXT COLLATE "C" NOT NULL
) PARTITION BY RANGE (at);
-- A request id begins with its time, so new rows come at the end of the index.
CREATE INDEX settled_by_request ON settled (request);

-- hour counts whole hours since the epoch, UTC.
CREATE TABLE rollups (
    account        TEXT COLLATE "C" NOT NULL,
    hour           BIGINT NOT NULL,
    model          TEXT COLLATE "C" NOT NULL,
    input          BIGINT NOT NULL,
    cached         BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output         BIGINT NOT NULL,
    images         BIGINT NOT NULL,
    tool_calls     BIGINT NOT NULL,
    requests       BIGINT NOT NULL,
    prompts        BIGINT NOT NULL,
    estimated      BIGINT NOT NULL,
    list_values    TEXT   NOT NULL,
    drawn          TEXT   NOT NULL,
    PRIMARY KEY (account, hour, model)
) PARTITION BY RANGE (hour);

-- One row. Every write to the catalogue moves it first, which also makes the writers take turns; whoever follows the
-- catalogue looks at it.
CREATE TABLE catalogue_revision (
    number BIGINT NOT NULL
);
INSERT INTO catalogue_revision VALUES (0);
