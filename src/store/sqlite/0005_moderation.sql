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

-- Who is banned: an id, which need be nobody's, or a number. One that is for
-- good has the highest until that there is. A ban that was lifted, or took the
-- place of another, stays for the record.
CREATE TABLE bans (
    key     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL CHECK (kind IN ('user', 'tel')),
    subject TEXT NOT NULL,
    reason  TEXT NOT NULL,
    since   INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    lifted  INTEGER
) STRICT;

CREATE INDEX bans_subject ON bans (kind, subject, key);
CREATE UNIQUE INDEX bans_standing ON bans (kind, subject) WHERE lifted IS NULL;

-- Reports become a queue. whom_id is whom it is about, as far as is known;
-- evidence is a JSON object or empty; by_id is empty where the word list found
-- something. The same words about the same stand once while they are open.
CREATE TABLE queue (
    key      INTEGER PRIMARY KEY AUTOINCREMENT,
    by_id    TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('user', 'picture', 'comment', 'talk')),
    about    TEXT NOT NULL,
    whom_id  TEXT NOT NULL,
    reason   TEXT NOT NULL,
    evidence TEXT NOT NULL,
    at       INTEGER NOT NULL,
    resolved INTEGER,
    outcome  TEXT NOT NULL DEFAULT ''
) STRICT;

INSERT INTO queue (key, by_id, kind, about, whom_id, reason, evidence, at)
SELECT key, by_id, kind, about, iif(kind = 'user', about, ''), reason, '', at FROM reports;

DROP TABLE reports;
ALTER TABLE queue RENAME TO reports;

CREATE UNIQUE INDEX reports_open ON reports (by_id, kind, about, reason)
    WHERE resolved IS NULL;
CREATE INDEX reports_whom ON reports (whom_id, key);
CREATE INDEX reports_resolved ON reports (resolved) WHERE resolved IS NOT NULL;

-- Pictures that were reported and are to be kept, whatever their owners do:
-- the files stay as long as a row here or in pictures names them.
CREATE TABLE evidence (
    picture  INTEGER PRIMARY KEY,
    ext      TEXT NOT NULL CHECK (ext IN ('jpeg', 'png')),
    owner_id TEXT NOT NULL,
    words    TEXT NOT NULL
) STRICT;

-- Users are looked for by how their nicknames begin.
CREATE INDEX users_nickname ON users (nickname COLLATE NOCASE);

-- What texts are looked through for.
CREATE TABLE word_list (
    word   TEXT PRIMARY KEY,
    action TEXT NOT NULL CHECK (action IN ('mask', 'refuse', 'flag')),
    added  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
