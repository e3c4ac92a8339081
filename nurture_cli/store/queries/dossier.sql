-- contact: The contact itself.
SELECT * FROM contact WHERE id = :id;

-- tags: The tags on the contact.
SELECT tag FROM contact_tag WHERE contact_id = :id ORDER BY tag;

-- stage_moves: How the contact went through the stages.
SELECT from_stage, to_stage, at, cause, reason, version, facts FROM stage_move WHERE contact_id = :id ORDER BY at, id;

-- events: What the contact did.
SELECT kind, asset, at, recorded_at, source, machine, properties
FROM event WHERE contact_id = :id AND machine = 0 OR contact_id = :id AND machine = 1 ORDER BY at, id;

-- requests: What the contact asked for.
SELECT asset, requested_at, state, closed_at, closed_why, held_reason, held_since, held_until
FROM request WHERE contact_id = :id ORDER BY requested_at, id;

-- suppressions: When and why the address was never to be written to.
SELECT reason, source, at, lifted_at, lifted_why FROM suppression
WHERE address_hash = (SELECT address_hash FROM contact WHERE id = :id) ORDER BY at, id;

-- enrollments: The contact's passages through campaigns.
SELECT id, campaign, pass, entered_at, ended_at, end_reason, state, sequence, step, arrived_at, due_at, held_reason,
  held_since, held_until
FROM enrollment WHERE contact_id = :id ORDER BY entered_at, id;

-- decisions: What was decided about the contact, and the facts that were seen.
SELECT d.enrollment_id, e.campaign, d.kind, d.step, d.outcome, d.facts, d.at
FROM decision d JOIN enrollment e ON e.id = d.enrollment_id WHERE e.contact_id = :id ORDER BY d.at, d.id;

-- assignments: The arms of splits that the contact was put into.
SELECT split, arm, at FROM assignment WHERE contact_id = :id ORDER BY split;

-- passed_over: Campaigns that the contact was too early for.
SELECT campaign, at FROM passed_over WHERE contact_id = :id ORDER BY campaign;

-- touches: What was sent to the contact, or tried.
SELECT campaign, step, asset, channel, state, reason, at, due_at, attempts, message_id, code, reply
FROM touch WHERE contact_id = :id AND counted = 1 OR contact_id = :id AND counted = 0 ORDER BY at, id;

-- tasks: What somebody was to do for the contact.
SELECT title, body, made_at, done_at, note FROM task WHERE contact_id = :id ORDER BY made_at, id;

-- standing: What was worked out of the contact's facts and responses.
SELECT fit, fit_why, heat, responses, company, weight FROM standing WHERE contact_id = :id;

-- lead_periods: When the contact was in the hands of Sales, and what came of it.
SELECT at, closed_at, state, sort, cause, stage, version, answered_at, reason, value
FROM handoff WHERE contact_id = :id ORDER BY at, id;

-- recycling: When and why the contact was given back, and what followed.
SELECT at, reason, interest, rest_until, campaign, closed_at, closed_why
FROM recycling WHERE contact_id = :id ORDER BY at, id;

-- alerts: What the radar noticed.
SELECT signal, at, history, facts FROM alert WHERE contact_id = :id ORDER BY at, id;

-- referred_by: Who brought the contact.
SELECT c.email, r.at FROM referral r JOIN contact c ON c.id = r.referrer_id WHERE r.contact_id = :id;

-- referred: Whom the contact brought.
SELECT c.email, r.at FROM referral r JOIN contact c ON c.id = r.contact_id WHERE r.referrer_id = :id ORDER BY r.at, c.id;
