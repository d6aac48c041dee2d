-- A slot is an open run that somebody is called for. The runs are counted as they begin and end, and
-- there is no second row that a run could be at odds with.
DROP TABLE slots;
CREATE TRIGGER slot_taken AFTER INSERT ON runs WHEN new.ended_at IS NULL AND new.state <> 'queued' BEGIN
    INSERT INTO slot_counts (workspace_id, configuration_id, taken)
        VALUES (new.workspace_id, new.configuration_id, 1)
        ON CONFLICT DO UPDATE SET taken = taken + 1;
END;
-- A run that waited gets its configuration when it is called.
CREATE TRIGGER slot_taken_after_waiting AFTER UPDATE OF configuration_id ON runs
WHEN old.ended_at IS NULL AND old.state = 'queued' AND new.ended_at IS NULL AND new.state <> 'queued' BEGIN
    INSERT INTO slot_counts (workspace_id, configuration_id, taken)
        VALUES (new.workspace_id, new.configuration_id, 1)
        ON CONFLICT DO UPDATE SET taken = taken + 1;
END;
CREATE TRIGGER slot_freed AFTER UPDATE OF ended_at ON runs
WHEN old.ended_at IS NULL AND old.state <> 'queued' AND new.ended_at IS NOT NULL BEGIN
    UPDATE slot_counts SET taken = taken - 1
        WHERE workspace_id = old.workspace_id AND configuration_id = old.configuration_id;
END;
CREATE TRIGGER slot_forgotten AFTER DELETE ON runs WHEN old.ended_at IS NULL AND old.state <> 'queued' BEGIN
    UPDATE slot_counts SET taken = taken - 1
        WHERE workspace_id = old.workspace_id AND configuration_id = old.configuration_id;
END;
