-- What several workspaces on one server need, and what belongs to a workspace besides agents and
-- runs: credentials for webhooks, preferences, trunks, agents for inbound calls.

-- Which account at the carrier a configuration is for, hashed, so that accounts can be compared
-- across workspaces without opening a secret. NULL where the provider has no accounts.
ALTER TABLE telephony_configurations ADD COLUMN account_hash BLOB CHECK (length(account_hash) = 32);

CREATE TABLE trunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    configuration_id INTEGER NOT NULL REFERENCES telephony_configurations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (configuration_id, name)
) STRICT;

ALTER TABLE phone_numbers ADD COLUMN inbound_agent_id INTEGER REFERENCES agents (id) ON DELETE SET NULL;
ALTER TABLE phone_numbers ADD COLUMN trunk_id INTEGER REFERENCES trunks (id);
CREATE INDEX phone_numbers_by_address ON phone_numbers (address_normalized);
CREATE INDEX phone_numbers_by_trunk ON phone_numbers (trunk_id) WHERE trunk_id IS NOT NULL;

-- What webhooks authenticate with; the data is sealed as carriers' credentials are.
CREATE TABLE webhook_credentials (
    uuid TEXT PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('none', 'api_key', 'bearer_token', 'basic_auth', 'custom_header')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    sealed BLOB,
    UNIQUE (workspace_id, name)
) STRICT;

CREATE TABLE preferences (
    workspace_id INTEGER PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    test_phone_number TEXT,
    timezone TEXT,
    external_pbx_integrations INTEGER NOT NULL
) STRICT;
