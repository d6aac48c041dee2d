-- A slot is found by workspace, configuration and run, so one tree is enough.
CREATE TABLE new_slots (
    workspace_id INTEGER NOT NULL,
    configuration_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (workspace_id, configuration_id, run_id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_slots (workspace_id, configuration_id, run_id)
    SELECT workspace_id, configuration_id, run_id FROM slots;
DROP TABLE slots;
ALTER TABLE new_slots RENAME TO slots;
