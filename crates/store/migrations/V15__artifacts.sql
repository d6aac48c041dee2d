-- The files that runs leave behind. They lie in the data folder's own folder for them; a row is
-- written when a file is finished, so a file without one was interrupted. An id is never used twice:
-- who reads a file bit by bit must not end in another one.
CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('recording')),
    file TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (run_id, kind)
) STRICT;

-- Files of forgotten runs that are still to be removed: written with the forgetting, so that none is
-- left behind by a crash.
CREATE TABLE forgotten_files (
    file TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
