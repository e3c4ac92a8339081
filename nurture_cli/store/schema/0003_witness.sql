-- The send journal tells of suppressions as well, so that whoever left after a backup stays out when it is restored.

-- 1: the journal tells of the row as it is. Whatever adds or lifts a suppression, the next to write it down finds it.
ALTER TABLE suppression ADD COLUMN witnessed INTEGER NOT NULL DEFAULT 0 CHECK (witnessed IN (0, 1));
CREATE INDEX suppression_unwitnessed ON suppression (id) WHERE witnessed = 0;
CREATE TRIGGER unwitnessed_by_lifting AFTER UPDATE OF lifted_at ON suppression WHEN new.witnessed = 1
BEGIN UPDATE suppression SET witnessed = 0 WHERE id = new.id; END;
