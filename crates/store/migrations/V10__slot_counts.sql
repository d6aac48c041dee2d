-- How many slots are taken, so that a request pays the same however many calls are up. Kept by the
-- table of the slots itself: no way of taking or freeing one can forget to count.
CREATE TABLE slot_counts (
    workspace_id INTEGER NOT NULL,
    configuration_id INTEGER NOT NULL,
    taken INTEGER NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (workspace_id, configuration_id)
) STRICT, WITHOUT ROWID;
INSERT INTO slot_counts (workspace_id, configuration_id, taken)
    SELECT workspace_id, configuration_id, count(*) FROM slots GROUP BY workspace_id, configuration_id;
CREATE TRIGGER slot_taken AFTER INSERT ON slots BEGIN
    INSERT INTO slot_counts (workspace_id, configuration_id, taken)
        VALUES (new.workspace_id, new.configuration_id, 1)
        ON CONFLICT DO UPDATE SET taken = taken + 1;
END;
CREATE TRIGGER slot_freed AFTER DELETE ON slots BEGIN
    UPDATE slot_counts SET taken = taken - 1
        WHERE workspace_id = old.workspace_id AND configuration_id = old.configuration_id;
END;
