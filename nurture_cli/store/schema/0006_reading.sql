-- Whatever is asked about one contact, and how many there are of each kind, is found without reading a whole table.

-- With `event_fact` and with `touch_once`, all events and all touches of a contact.
CREATE INDEX event_of_machine ON event (contact_id, at) WHERE machine = 1;
CREATE INDEX touch_uncounted ON touch (contact_id, state, counted) WHERE counted = 0;
CREATE INDEX task_by_contact ON task (contact_id);
-- Only who writes the term `stage <> ''` uses it: where a plan has the contacts already, it must not look for them here.
CREATE INDEX contact_by_stage ON contact (stage, stage_at) WHERE stage <> '';
CREATE INDEX enrollment_ended ON enrollment (campaign, end_reason) WHERE end_reason IS NOT NULL;
