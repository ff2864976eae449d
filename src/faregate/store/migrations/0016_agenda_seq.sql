-- Up to which entry of the account the hint was made: an older look never takes the place of a newer one.
ALTER TABLE agenda ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
