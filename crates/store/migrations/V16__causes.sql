-- Why the telephone network did not put a call through, in its own codes.
CREATE TABLE causes (
    run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    sip INTEGER,
    q850 INTEGER,
    rang INTEGER NOT NULL
) STRICT;
