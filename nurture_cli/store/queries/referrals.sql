-- referrer_of: Who brought a contact.
SELECT r.referrer_id, c.email FROM referral r JOIN contact c ON c.id = r.referrer_id WHERE r.contact_id = ?;

-- brought: Whether one contact was brought by another, directly or through others.
WITH RECURSIVE chain (id) AS (
  VALUES (:contact)
  UNION
  SELECT r.referrer_id FROM chain JOIN referral r ON r.contact_id = chain.id
)
SELECT EXISTS (SELECT 1 FROM chain WHERE id = :referrer);

-- refer: Record who brought whom.
INSERT INTO referral (contact_id, referrer_id, at) VALUES (:contact, :referrer, :now);
