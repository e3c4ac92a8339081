-- Whoever waits behind the limit of a channel is found in the order of who goes first, so that a run looks at no more of
-- them than the channel has room for.
CREATE INDEX enrollment_behind_limit ON enrollment (campaign, due_at, contact_id)
  WHERE held_reason = 'channel-limit' AND ended_at IS NULL;
CREATE INDEX request_behind_limit ON request (requested_at, contact_id)
  WHERE held_reason = 'channel-limit' AND state = 'open';
