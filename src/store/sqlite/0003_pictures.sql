-- Pictures; their files lie under their ids, which are never used again. likes
-- is how many there are, revision goes up with each change of the comments.
CREATE TABLE pictures (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    ext       TEXT NOT NULL CHECK (ext IN ('jpeg', 'png')),
    words     TEXT NOT NULL,
    published INTEGER NOT NULL,
    likes     INTEGER NOT NULL DEFAULT 0,
    revision  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX pictures_owner ON pictures (owner_key, id);

CREATE TABLE likes (
    user_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    picture  INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    PRIMARY KEY (user_key, picture)
) STRICT, WITHOUT ROWID;

CREATE INDEX likes_picture ON likes (picture);

CREATE TRIGGER likes_more AFTER INSERT ON likes BEGIN
    UPDATE pictures SET likes = likes + 1 WHERE id = new.picture;
END;

CREATE TRIGGER likes_fewer AFTER DELETE ON likes BEGIN
    UPDATE pictures SET likes = likes - 1 WHERE id = old.picture;
END;

-- thread is the comment that this one answers; an answer has no answers.
CREATE TABLE comments (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    picture    INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    author_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    thread     INTEGER REFERENCES comments (id) ON DELETE CASCADE,
    text       TEXT NOT NULL,
    said       INTEGER NOT NULL
) STRICT;

CREATE INDEX comments_picture ON comments (picture, id);
CREATE INDEX comments_author ON comments (author_key);
CREATE INDEX comments_thread ON comments (thread) WHERE thread IS NOT NULL;

CREATE TRIGGER comments_more AFTER INSERT ON comments BEGIN
    UPDATE pictures SET revision = revision + 1 WHERE id = new.picture;
END;

CREATE TRIGGER comments_fewer AFTER DELETE ON comments BEGIN
    UPDATE pictures SET revision = revision + 1 WHERE id = old.picture;
END;

-- One row: goes up whenever anybody is called otherwise.
CREATE TABLE names (
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO names VALUES (0);

CREATE TRIGGER names_changed AFTER UPDATE OF nickname ON users
WHEN old.nickname IS NOT new.nickname BEGIN
    UPDATE names SET revision = revision + 1;
END;
