-- Why an operator did it, in their own words.
ALTER TABLE deeds ADD COLUMN note TEXT NOT NULL DEFAULT '';
