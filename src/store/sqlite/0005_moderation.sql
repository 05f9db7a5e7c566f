-- What operators did. about says to what, detail how; result is done, or the
-- number of the error that came of it.
CREATE TABLE audit (
    key     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    who     TEXT NOT NULL,
    address TEXT NOT NULL,
    action  TEXT NOT NULL,
    about   TEXT NOT NULL,
    detail  TEXT NOT NULL,
    result  TEXT NOT NULL
) STRICT;
