-- What a person wrote about a run: an outcome of their own, a note. No row where there is neither.
CREATE TABLE remarks (
    run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    changed_at INTEGER NOT NULL,
    outcome TEXT CHECK (outcome <> ''),
    note TEXT CHECK (note <> ''),
    CHECK (outcome IS NOT NULL OR note IS NOT NULL)
) STRICT;

-- All the words of a run that has a remark, the remark's too. Unlike run_search it can be changed,
-- because a remark may be.
CREATE VIRTUAL TABLE remark_search
    USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');

-- What was sent to a carrier about a call and what came from it: redacted before it is written, a
-- few for each attempt. request and reply are JSON lists of pairs of name and value.
CREATE TABLE exchanges (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    attempt_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('dial', 'look-up', 'hang-up', 'callback')),
    at INTEGER NOT NULL,
    -- Of the last one, where several that came one after the other say the same.
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    -- Those that came before this one and were not kept.
    left_out INTEGER NOT NULL,
    took_ms INTEGER,
    status INTEGER,
    target TEXT NOT NULL,
    note TEXT,
    request TEXT NOT NULL,
    reply TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
