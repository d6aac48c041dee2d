-- SQLite looks a value up in a list of more than two by making a table of the list, with every row
-- that is written. Alternatives cost a few comparisons.
CREATE TABLE new_attempts (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    carrier_call_id TEXT,
    outcome TEXT NOT NULL CHECK (
        outcome = 'pending' OR outcome = 'accepted' OR outcome = 'refused' OR outcome = 'unknown'
    ),
    created_at INTEGER NOT NULL,
    callback_token_hash BLOB CHECK (length(callback_token_hash) = 32),
    PRIMARY KEY (run_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_attempts (run_id, id, carrier_call_id, outcome, created_at, callback_token_hash)
    SELECT run_id, id, carrier_call_id, outcome, created_at, callback_token_hash FROM attempts;
DROP TABLE attempts;
ALTER TABLE new_attempts RENAME TO attempts;

CREATE TABLE new_exchanges (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    attempt_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'dial' OR kind = 'look-up' OR kind = 'hang-up' OR kind = 'callback'),
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
INSERT INTO new_exchanges (run_id, seq, attempt_id, kind, at, last_at, times, left_out, took_ms, status,
        target, note, request, reply)
    SELECT run_id, seq, attempt_id, kind, at, last_at, times, left_out, took_ms, status,
        target, note, request, reply
    FROM exchanges;
DROP TABLE exchanges;
ALTER TABLE new_exchanges RENAME TO exchanges;
