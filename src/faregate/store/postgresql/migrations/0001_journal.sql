-- The journal, account by account: the account leads every key, so that a distributed engine can spread the tables by it.
-- body is the whole entry as JSON, chain the hash over the chain before it and body (store/encoding.py).
CREATE TABLE journal (
    account TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    body    BYTEA  NOT NULL,
    chain   BYTEA  NOT NULL,
    PRIMARY KEY (account, seq)
);

CREATE FUNCTION faregate_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal
FOR EACH ROW EXECUTE FUNCTION faregate_append_only('the journal is append-only');

-- Where each account's chain ends. An append moves this row, from `was` to `seq`, and that is what makes it conditional:
-- of two writers one waits for the other here, and then finds that it has moved. No index holds a column that moves.
CREATE TABLE heads (
    account    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    was        BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    chain      BYTEA  NOT NULL,
    open_holds BIGINT NOT NULL
) WITH (fillfactor = 70);

-- How far the projections of each account have come; the entries after it are read from the journal.
CREATE TABLE projected (
    account TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    through BIGINT NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE snapshots (
    account TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq     BIGINT NOT NULL,
    blob    BYTEA  NOT NULL
);

-- The processes that serve the database now, each under the number that its request ids carry.
CREATE TABLE workers (
    number BIGINT      NOT NULL PRIMARY KEY,
    name   TEXT        NOT NULL,
    seen   TIMESTAMPTZ NOT NULL
);
CREATE TABLE worker_numbers (
    last BIGINT NOT NULL
);
INSERT INTO worker_numbers VALUES (0);
