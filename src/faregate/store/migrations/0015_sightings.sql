-- What workers saw of an account's senders, or of one sender's accounts (subject begins with #), for as long as a rule
-- counts it. Marks are keyed hashes. Hints for the watch for sharing: a flag stands in the journal.
CREATE TABLE sightings (
    subject TEXT NOT NULL,
    signal TEXT NOT NULL,
    mark TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (subject, signal, mark)
) STRICT, WITHOUT ROWID;

CREATE INDEX sightings_by_end ON sightings (until);
