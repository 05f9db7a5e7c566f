-- The ids of users who are no more: nobody may take one up and be mistaken for
-- who had it.
CREATE TABLE former_users (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
