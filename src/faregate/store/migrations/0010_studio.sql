-- Conversations of the web chat. Their owner deletes them; the books know requests, not words.
CREATE TABLE conversations (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    model TEXT NOT NULL,
    billing TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversations_by_time ON conversations (account, updated_at, id);

CREATE TABLE chat_messages (
    account TEXT NOT NULL,
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    request TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, conversation, seq)
) STRICT, WITHOUT ROWID;
