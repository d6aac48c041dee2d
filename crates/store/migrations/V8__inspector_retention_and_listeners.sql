-- What a workspace keeps of its past. NULL keeps everything, and bodies are not kept at all until
-- somebody wants them.
ALTER TABLE settings ADD COLUMN record_request_bodies INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD COLUMN keep_request_bodies_hours INTEGER CHECK (keep_request_bodies_hours >= 1);
ALTER TABLE settings ADD COLUMN keep_runs_days INTEGER CHECK (keep_runs_days >= 1);

-- What a person chose for the server itself; one row, and none until something was chosen.
CREATE TABLE server_choices (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    control_listener INTEGER NOT NULL
) STRICT;

-- How many runs were ever forgotten: what was counted before is right while this stays.
CREATE TABLE forgotten_runs (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    runs INTEGER NOT NULL
) STRICT;
