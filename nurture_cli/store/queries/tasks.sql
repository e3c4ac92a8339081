-- list: To-dos, oldest first; only open ones unless all are wanted.
SELECT t.id, t.touch_id, t.contact_id, c.email, t.title, t.body, t.made_at, t.done_at, t.note
FROM task t JOIN contact c ON c.id = t.contact_id
WHERE t.done_at IS NULL OR :all
ORDER BY t.made_at, t.id;

-- count_open: How many to-dos are open.
SELECT count(*) FROM task WHERE done_at IS NULL;

-- by_id: One to-do.
SELECT t.id, t.touch_id, t.contact_id, c.email, t.title, t.body, t.made_at, t.done_at, t.note
FROM task t JOIN contact c ON c.id = t.contact_id
WHERE t.id = ?;

-- finish: Tick a to-do off.
UPDATE task SET done_at = :now, note = :note WHERE id = :id AND done_at IS NULL;
