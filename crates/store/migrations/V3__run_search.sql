-- One row per run that is over, in the order of the ends; written with the end, never changed. Lists
-- are filtered, sorted and counted here, and not on runs, so that beginning a run writes no index
-- but that of the open ones. A run is either in here or open, whatever moment a reader looks at.
CREATE TABLE ended_runs (
    seq INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    workspace_id INTEGER NOT NULL,
    agent_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    disposition TEXT
) STRICT;
INSERT INTO ended_runs (run_id, workspace_id, agent_id, created_at, duration_ms, disposition)
    SELECT id, workspace_id, agent_id, created_at, max(0, (ended_at - coalesce(answered_at, ended_at) + 500) / 1000),
        gathered_context ->> '$.mapped_call_disposition'
    FROM runs WHERE ended_at IS NOT NULL ORDER BY ended_at, id;
-- Both hold everything that a list asks for, so that no row is visited for one that is not shown.
CREATE INDEX ended_runs_by_workspace
    ON ended_runs (workspace_id, created_at, run_id, agent_id, duration_ms, disposition);
CREATE INDEX ended_runs_by_agent
    ON ended_runs (agent_id, created_at, run_id, workspace_id, duration_ms, disposition);
DROP INDEX runs_by_workspace;
DROP INDEX runs_by_agent;

-- Names of runs that no trigger started; the others' follow from their id.
CREATE TABLE run_names (
    run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL
) STRICT;

-- What runs are found by. Its words are made in the program, which also knows what they mean, so
-- the tokenizer only splits at spaces. Filled in the background, up to the seq in search_mark.
CREATE VIRTUAL TABLE run_search
    USING fts5(words, content='', columnsize=0, detail=none, tokenize='ascii');
CREATE TABLE search_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO search_mark (id, seq) VALUES (1, 0);

-- Signs the tokens of public downloads.
CREATE TABLE download_key (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;
