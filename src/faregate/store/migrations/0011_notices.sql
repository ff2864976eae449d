-- What accounts want to be told of, and by which ways. No secret stands here: that of a webhook is made from the
-- generation, which rises with every new address.
CREATE TABLE notice_settings (
    account TEXT NOT NULL PRIMARY KEY,
    email INTEGER NOT NULL,
    webhook TEXT NOT NULL,
    generation INTEGER NOT NULL,
    unwanted TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is told, each event once by each channel; state is waiting, sent or failed.
CREATE TABLE notices (
    account TEXT NOT NULL,
    event TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (account, event, channel)
) STRICT, WITHOUT ROWID;

CREATE INDEX notices_by_time ON notices (state, due_at);
CREATE INDEX notices_by_age ON notices (account, at);
CREATE INDEX users_by_account ON users (account);
