-- The first shelf of the search on which every run stands with the beginnings of its words too. Runs
-- of earlier shelves stay as they are indexed: there a beginning is gathered from the words.
ALTER TABLE search_mark ADD COLUMN beginnings_from INTEGER NOT NULL DEFAULT 0;
UPDATE search_mark SET beginnings_from = (SELECT (coalesce(max(id), -1) >> 16) + 1 FROM runs);

-- The words that stand in the index of the search, with the runs that have them.
CREATE VIRTUAL TABLE search_words USING fts5vocab(run_search, instance);
