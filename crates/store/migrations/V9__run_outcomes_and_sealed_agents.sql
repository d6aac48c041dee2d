-- What lists of runs are filtered by besides times: how a run ended and in which mode it ran. Each
-- pair of the two is one stretch of an index in the order of creation, so that a page of any
-- choice is read from the stretches that it means, however many other runs there are.
ALTER TABLE ended_runs ADD COLUMN mode TEXT;
ALTER TABLE ended_runs ADD COLUMN end_code TEXT;
UPDATE ended_runs SET (mode, end_code) = (SELECT mode, end_code FROM runs WHERE runs.id = run_id);
CREATE INDEX ended_runs_by_outcome
    ON ended_runs (workspace_id, end_code, mode, created_at, run_id, duration_ms, disposition);
CREATE INDEX ended_runs_by_outcome_of_agent
    ON ended_runs (agent_id, end_code, mode, created_at, run_id, workspace_id, duration_ms, disposition);

-- Versions that may hold secrets in the clear, from before those were sealed: the vault seals them at
-- the next start, and the list is empty from then on.
CREATE TABLE versions_to_seal (
    version_id INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE
) STRICT;
INSERT INTO versions_to_seal (version_id)
    SELECT id FROM versions WHERE instr(definition || configurations, 'api_key')
        OR instr(definition || configurations, 'password') OR instr(definition || configurations, 'secret')
        OR instr(definition || configurations, '_token') OR instr(definition, 'custom_headers');
