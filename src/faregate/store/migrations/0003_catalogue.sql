-- What the operator set up. No amounts here: those follow from the journal.
CREATE TABLE accounts (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_by_name ON accounts (name);

-- revision rises with every added or revoked key; last_used_at does not move it.
CREATE TABLE api_keys (
    id           TEXT    NOT NULL PRIMARY KEY,
    account      TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    prefix       TEXT    NOT NULL,
    hash         BLOB    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER,
    rotated_from TEXT,
    revision     INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX api_keys_by_account ON api_keys (account);

CREATE TABLE plan_documents (
    hash     TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;
CREATE TABLE plan_versions (
    plan         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    family       TEXT    NOT NULL,
    hash         TEXT    NOT NULL REFERENCES plan_documents (hash),
    published_at INTEGER NOT NULL,
    PRIMARY KEY (plan, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER plan_versions_are_immutable BEFORE UPDATE ON plan_versions
BEGIN
    SELECT RAISE (ABORT, 'a published version is immutable');
END;
CREATE TRIGGER plan_documents_are_immutable BEFORE UPDATE ON plan_documents
BEGIN
    SELECT RAISE (ABORT, 'a published document is immutable');
END;

CREATE TABLE schedule_changes (
    id         INTEGER PRIMARY KEY,
    plan       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    from_at    INTEGER NOT NULL,
    value      TEXT    NOT NULL,
    written_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER schedule_changes_are_append_only BEFORE UPDATE ON schedule_changes
BEGIN
    SELECT RAISE (ABORT, 'schedule changes are append-only');
END;

CREATE TABLE admin_tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    prefix     TEXT    NOT NULL,
    hash       BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE receipts (
    scope     TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    body_hash BLOB    NOT NULL,
    response  BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
