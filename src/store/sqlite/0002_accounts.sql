-- Registered users. A key is never given out and never used again; id is what
-- others know. Times are Unix seconds here and below, unless a name says _ms.
CREATE TABLE users (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    tel        TEXT NOT NULL UNIQUE,
    nickname   TEXT NOT NULL,
    gender     TEXT NOT NULL CHECK (gender IN ('M', 'F')),
    birthday   TEXT NOT NULL,
    pic_id     TEXT NOT NULL,
    location   TEXT NOT NULL,
    words      TEXT NOT NULL,
    registered INTEGER NOT NULL
) STRICT;

-- Session tokens, by their SHA-256.
CREATE TABLE sessions (
    token    BLOB PRIMARY KEY,
    user_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_user ON sessions (user_key);
CREATE INDEX sessions_expires ON sessions (expires);

-- Tokens that let a new number register once, by their SHA-256.
CREATE TABLE registrations (
    token   BLOB PRIMARY KEY,
    tel     TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX registrations_expires ON registrations (expires);

-- The last code sent to a number for a purpose. Only its HMAC is kept.
-- user_key is whoever asked, where the purpose needs a user.
CREATE TABLE codes (
    tel      TEXT NOT NULL,
    purpose  TEXT NOT NULL,
    request  TEXT NOT NULL UNIQUE,
    user_key INTEGER REFERENCES users (key) ON DELETE CASCADE,
    hmac     BLOB NOT NULL,
    expires_ms INTEGER NOT NULL,
    wrong    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tel, purpose)
) STRICT;

CREATE INDEX codes_user ON codes (user_key);
CREATE INDEX codes_expires ON codes (expires_ms);

-- Codes asked for in the last day: what the limits count. An IPv6 address
-- stands for its /64.
CREATE TABLE code_requests (
    id      TEXT PRIMARY KEY,
    tel     TEXT NOT NULL,
    address TEXT NOT NULL,
    at_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX code_requests_tel ON code_requests (tel, at_ms);
CREATE INDEX code_requests_address ON code_requests (address, at_ms);
CREATE INDEX code_requests_at ON code_requests (at_ms);

-- Keys of the server's own.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Who wants nothing to do with whom.
CREATE TABLE blocks (
    by_key   INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    whom_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    since    INTEGER NOT NULL,
    PRIMARY KEY (by_key, whom_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_whom ON blocks (whom_key);

-- What was reported, for the operator. Stays when either of the two is gone.
-- kind is user, picture or talk; about is its id.
CREATE TABLE reports (
    key    INTEGER PRIMARY KEY,
    by_id  TEXT NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN ('user', 'picture', 'talk')),
    about  TEXT NOT NULL,
    reason TEXT NOT NULL,
    at     INTEGER NOT NULL,
    UNIQUE (by_id, kind, about, reason)
) STRICT;
