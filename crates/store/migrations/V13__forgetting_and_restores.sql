-- A key outlives its run: a database that was put back knows the keys that were used since, and not
-- their runs. So run_id refers to nothing.
CREATE TABLE new_idempotency (
    api_key_id INTEGER NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    run_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    reply_status INTEGER,
    reply_body TEXT,
    PRIMARY KEY (api_key_id, route, key)
) STRICT, WITHOUT ROWID;
INSERT INTO new_idempotency (api_key_id, route, key, body_hash, run_id, created_at, reply_status, reply_body)
    SELECT api_key_id, route, key, body_hash, run_id, created_at, reply_status, reply_body FROM idempotency;
DROP TABLE idempotency;
ALTER TABLE new_idempotency RENAME TO idempotency;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_by_run ON idempotency (run_id);

-- When a copy was put back last: what the database from before is called, and whether what must not
-- be forgotten was taken over from it (keys that were archived, requests of the last day, open runs).
CREATE TABLE last_restore (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL,
    replaced TEXT,
    is_whole INTEGER NOT NULL
) STRICT;

-- Whether triggers are taken from the network, where that is a person's to choose.
ALTER TABLE server_choices ADD COLUMN public_network INTEGER NOT NULL DEFAULT 0;

-- What runs are found by, anew: a run can be taken out without knowing what it was indexed by. Filled
-- in the background, from the beginning, and on every shelf with the beginnings of words.
DROP TABLE search_words;
DROP TABLE run_search;
CREATE VIRTUAL TABLE run_search
    USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE search_words USING fts5vocab(run_search, instance);
UPDATE search_mark SET seq = 0, beginnings_from = 0;
