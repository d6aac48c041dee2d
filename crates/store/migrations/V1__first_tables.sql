-- Times are microseconds since the Unix epoch, UTC. Words (states, modes, …) are those of
-- switchhook-core. JSON is kept as the text that was sent. Long columns stand last, so that
-- reading the short ones does not walk through their overflow pages.

CREATE TABLE workspaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    workspace_id INTEGER PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    concurrent_calls INTEGER NOT NULL CHECK (concurrent_calls >= 1),
    requests_per_second INTEGER CHECK (requests_per_second >= 1),
    default_country TEXT,
    public_base_url TEXT
) STRICT;

CREATE TABLE agents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'archived')),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_by_workspace ON agents (workspace_id, id);

-- The columns between published_at and configurations are what firing needs of the definition,
-- written when it is saved, so that a trigger request parses no definition.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id INTEGER NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    trigger_path TEXT,
    trigger_enabled INTEGER NOT NULL,
    max_call_seconds INTEGER NOT NULL,
    template_context_variables TEXT,
    configurations TEXT NOT NULL,
    definition TEXT NOT NULL,
    UNIQUE (agent_id, number)
) STRICT;
CREATE UNIQUE INDEX one_draft ON versions (agent_id) WHERE status = 'draft';
CREATE UNIQUE INDEX one_published ON versions (agent_id) WHERE status = 'published';

-- Which agent a path belongs to, across all workspaces: the paths of its published version and
-- its draft.
CREATE TABLE triggers (
    path TEXT PRIMARY KEY,
    agent_id INTEGER NOT NULL REFERENCES agents (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX triggers_by_agent ON triggers (agent_id);

CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    prefix TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('trigger', 'manage')),
    agents TEXT NOT NULL,
    test_only INTEGER NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    archived_at INTEGER
) STRICT;
CREATE INDEX api_keys_by_workspace ON api_keys (workspace_id, id);

CREATE TABLE telephony_configurations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    inactive_since INTEGER,
    inactive_reason TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    settings TEXT NOT NULL,
    sealed_credentials BLOB,
    UNIQUE (workspace_id, name)
) STRICT;
CREATE UNIQUE INDEX one_default_configuration ON telephony_configurations (workspace_id) WHERE is_default;

CREATE TABLE phone_numbers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    configuration_id INTEGER NOT NULL REFERENCES telephony_configurations (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    address_normalized TEXT NOT NULL,
    address_type TEXT NOT NULL CHECK (address_type IN ('pstn', 'sip_uri', 'sip_extension')),
    country_code TEXT,
    label TEXT,
    is_active INTEGER NOT NULL,
    is_default_caller_id INTEGER NOT NULL,
    extra_metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (workspace_id, address_normalized)
) STRICT;
CREATE INDEX phone_numbers_by_configuration ON phone_numbers (configuration_id, id);
CREATE UNIQUE INDEX one_default_caller_id ON phone_numbers (configuration_id) WHERE is_default_caller_id;

-- A run outlives the configuration it went through, so configuration_id refers to nothing.
-- A run is over when ended_at is set: the state 'indeterminate' can be open or over.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL GENERATED ALWAYS AS (CASE mode WHEN 'test' THEN 'WR-TEST-' ELSE 'WR-API-' END || id) VIRTUAL,
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    version_id INTEGER NOT NULL REFERENCES versions (id),
    version_status TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('test', 'production')),
    draft_missing INTEGER NOT NULL,
    trigger_path TEXT,
    api_key_id INTEGER REFERENCES api_keys (id),
    destination TEXT NOT NULL,
    caller_id TEXT,
    configuration_id INTEGER NOT NULL,
    provider TEXT NOT NULL,
    max_call_seconds INTEGER NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    answered_at INTEGER,
    ended_at INTEGER,
    end_code TEXT,
    gathered_context TEXT NOT NULL,
    initial_context TEXT NOT NULL,
    CHECK ((ended_at IS NULL) = (end_code IS NULL))
) STRICT;
CREATE INDEX runs_by_workspace ON runs (workspace_id, id);
CREATE INDEX runs_by_agent ON runs (agent_id, workspace_id, id);
CREATE INDEX open_runs ON runs (id) WHERE ended_at IS NULL;

-- Rows of one run stand together, so that a commit writes few pages.
CREATE TABLE attempts (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    carrier_call_id TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('pending', 'accepted', 'refused', 'unknown')),
    created_at INTEGER NOT NULL,
    callback_token_hash BLOB CHECK (length(callback_token_hash) = 32),
    PRIMARY KEY (run_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE timeline (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE transcripts (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    speaker TEXT NOT NULL CHECK (speaker IN ('agent', 'callee')),
    node_id TEXT,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

-- One row per open run: what the limits of concurrent calls count.
CREATE TABLE slots (
    workspace_id INTEGER NOT NULL,
    configuration_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (workspace_id, configuration_id, run_id)
) STRICT, WITHOUT ROWID;

-- api_key_id is 0 for the person at the window, so it refers to nothing.
CREATE TABLE idempotency (
    api_key_id INTEGER NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    reply_status INTEGER,
    reply_body TEXT,
    PRIMARY KEY (api_key_id, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_by_run ON idempotency (run_id);

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    run_id INTEGER,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE instances (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    colour TEXT NOT NULL
) STRICT;

CREATE TABLE saved_triggers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    UNIQUE (instance_id, path)
) STRICT;
