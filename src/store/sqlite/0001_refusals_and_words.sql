-- Who never wants to meet whom again.
CREATE TABLE refusals (
    by_id   TEXT NOT NULL,
    whom_id TEXT NOT NULL,
    PRIMARY KEY (by_id, whom_id)
) STRICT, WITHOUT ROWID;

-- Last words that wait for their receivers. Unsigned 64-bit numbers (id, talk)
-- are kept bit for bit; said is nanoseconds since the Unix epoch.
CREATE TABLE words (
    id       INTEGER PRIMARY KEY,
    to_id    TEXT NOT NULL,
    from_id  TEXT NOT NULL,
    nickname TEXT NOT NULL,
    text     TEXT NOT NULL,
    talk     INTEGER NOT NULL,
    said     INTEGER NOT NULL
) STRICT;

CREATE INDEX words_said ON words (said);
