-- What every run begins with follows from its row and its attempt, so it is not written.
DELETE FROM timeline
WHERE seq <= 2 AND state IN ('queued', 'dialing') AND source = 'switchhook' AND note IS NULL;
