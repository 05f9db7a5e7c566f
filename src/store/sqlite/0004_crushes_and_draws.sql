-- Who has named which number: tel, and as it was typed in given. to_key is the
-- user who had it then, or the first to take it since; it stays theirs when
-- they change their number, and waits again when they are gone. words are the
-- last ones said, shown those that the other may see: none that were said while
-- either blocked the other. mutual: this user has been told that the other has
-- named them too.
CREATE TABLE crushes (
    by_key    INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    tel       TEXT NOT NULL,
    to_key    INTEGER REFERENCES users (key) ON DELETE SET NULL,
    given     TEXT NOT NULL,
    words     TEXT NOT NULL,
    shown     TEXT,
    pseudonym TEXT,
    mutual    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (by_key, tel),
    CHECK (to_key IS NOT by_key)
) STRICT, WITHOUT ROWID;

-- Whole, not partial: a crush on a number that nobody has takes as many pages as
-- any other.
CREATE INDEX crushes_pair ON crushes (to_key, by_key);
CREATE INDEX crushes_heard ON crushes (to_key, mutual, pseudonym, shown);
CREATE INDEX crushes_tel ON crushes (tel);
CREATE INDEX crushes_mutual ON crushes (by_key, to_key) WHERE mutual = 1;

-- How often two have been told of each other; the smaller key comes first. A
-- pseudonym that was seen through is not used again.
CREATE TABLE crush_rounds (
    one_key   INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    other_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    rounds    INTEGER NOT NULL,
    PRIMARY KEY (one_key, other_key),
    CHECK (one_key < other_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX crush_rounds_other ON crush_rounds (other_key);

-- Whether a user is shown who names them; how many numbers they named on the
-- last day (YYYY-MM-DD) on which they named any; when, in Unix seconds, they
-- last named one for which an invitation might have gone out.
CREATE TABLE crush_users (
    user_key INTEGER PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    receive  INTEGER NOT NULL DEFAULT 1,
    day      TEXT NOT NULL DEFAULT '',
    named    INTEGER NOT NULL DEFAULT 0,
    invited  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Numbers that got an invitation, or would have if they had no user; when, in
-- Unix seconds. Those of the last day.
CREATE TABLE crush_invites (
    tel TEXT PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX crush_invites_at ON crush_invites (at);

-- Lucky draws. Closed, the tickets stay as they are; drawn, there is a winner.
CREATE TABLE draws (
    key            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    image          TEXT NOT NULL,
    description    TEXT NOT NULL,
    max_count      INTEGER NOT NULL CHECK (max_count > 0),
    rule           TEXT NOT NULL CHECK (rule IN ('concat', 'sha256')),
    auto_close     INTEGER NOT NULL,
    created        INTEGER NOT NULL,
    closed         INTEGER,
    tickets_sha256 BLOB,
    drawn          INTEGER,
    numbers        TEXT,
    winner_number  INTEGER,
    winner_id      TEXT,
    CHECK ((closed IS NULL) = (tickets_sha256 IS NULL)),
    CHECK ((drawn IS NULL) = (winner_id IS NULL)),
    CHECK (drawn IS NULL OR closed IS NOT NULL)
) STRICT;

-- Numbers run 1, 2, 3 … in each draw. A ticket stays with the id that took it,
-- also when its user is gone: no id is used again.
CREATE TABLE tickets (
    draw    INTEGER NOT NULL REFERENCES draws (key),
    number  INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (draw, number),
    UNIQUE (draw, user_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tickets_stay BEFORE DELETE ON tickets BEGIN
    SELECT RAISE(ABORT, 'a ticket stays');
END;

CREATE TRIGGER tickets_unchanged BEFORE UPDATE ON tickets BEGIN
    SELECT RAISE(ABORT, 'a ticket stays');
END;

CREATE TRIGGER tickets_frozen BEFORE INSERT ON tickets
WHEN EXISTS (SELECT 1 FROM draws WHERE key = new.draw AND closed IS NOT NULL) BEGIN
    SELECT RAISE(ABORT, 'the draw is closed');
END;
