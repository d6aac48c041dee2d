-- Triggers that a person has disabled. The switch belongs to the agent, not to a path or a version,
-- so that neither a new path nor a publish turns the trigger on again.
CREATE TABLE disabled_triggers (
    agent_id INTEGER PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
    disabled_at INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- When a path was used last.
CREATE INDEX runs_by_trigger ON runs (trigger_path, id) WHERE trigger_path IS NOT NULL;
