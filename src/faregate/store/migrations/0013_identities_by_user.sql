-- A page of settings lists whose identities somebody is.
CREATE INDEX identities_by_user ON identities (user_id);
