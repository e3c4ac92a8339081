"""The lists of touches, tasks and suppressions."""

from __future__ import annotations

from nurture_cli.report.listing import BoundValue, ColumnKind, ListColumn, Listing

MOMENT, NUMBER = ColumnKind.MOMENT, ColumnKind.NUMBER

_TOUCH = (
    ListColumn("key", "t.key"), ListColumn("at", "t.at", MOMENT), ListColumn("email", "c.email"),
    ListColumn("asset", "t.asset"), ListColumn("campaign", "t.campaign"), ListColumn("step", "t.step"),
    ListColumn("channel", "t.channel"), ListColumn("state", "t.state"), ListColumn("reason", "t.reason"),
    ListColumn("attempts", "t.attempts", NUMBER), ListColumn("next_try_at", "t.next_try_at", MOMENT),
    ListColumn("code", "t.code", NUMBER), ListColumn("reply", "t.reply"), ListColumn("message_id", "t.message_id"),
)  # fmt: skip
_TASK = (
    ListColumn("id", "t.id", NUMBER), ListColumn("title", "t.title"), ListColumn("email", "c.email"),
    ListColumn("made_at", "t.made_at", MOMENT), ListColumn("done_at", "t.done_at", MOMENT),
    ListColumn("note", "t.note"), ListColumn("body", "t.body"),
)  # fmt: skip
_SUPPRESSION = (
    ListColumn("email", "c.email"), ListColumn("reason", "s.reason"), ListColumn("source", "s.source"),
    ListColumn("at", "s.at", MOMENT), ListColumn("address_hash", "lower(hex(s.address_hash))"),
)  # fmt: skip
_SOMEBODY = ListColumn("email", "coalesce(c.email, '(hash ' || substr(lower(hex(s.address_hash)), 1, 8) || '…)')")

# Terms with which a partial index finds touches in a state: word for word.
_FOUND_BY = {
    **dict.fromkeys(("planned", "failed", "skipped"), "t.counted = 0"),
    **dict.fromkeys(("claimed", "committing", "unknown"), "t.state <> 'sent' AND t.state <> 'skipped'"),
}
_OF_CONTACT = "(t.contact_id = :contact AND t.counted = 1 OR t.contact_id = :contact AND t.counted = 0)"


def touch_list(
    *, state: str | None = None, contact_id: int | None = None, campaign: str | None = None, most: int = -1
) -> Listing:
    """Touches that pass every filter that is given, newest change first, at most `most` (-1: all)."""
    bound: dict[str, BoundValue] = {"state": state, "contact": contact_id, "campaign": campaign, "most": most}
    terms = [] if contact_id is None else [_OF_CONTACT]
    if state is not None:
        terms += ["t.state = :state", *([_FOUND_BY[state]] if state in _FOUND_BY and not terms else [])]
    if campaign is not None:
        terms.append("t.campaign = :campaign")
    chosen = f"FROM touch t WHERE {' AND '.join(terms) or 'true'}"
    newest = f"SELECT t.id {chosen} ORDER BY t.at DESC, t.id DESC LIMIT :most"  # sorted alone, they are small
    joined = "CROSS JOIN touch t ON t.id = newest.id CROSS JOIN contact c ON c.id = t.contact_id"
    return Listing(_TOUCH, f"FROM ({newest}) AS newest {joined}", bound, chosen)


def task_list(*, done_too: bool) -> Listing:
    """To-dos, oldest first."""
    chosen = f"FROM task t WHERE {'true' if done_too else 't.done_at IS NULL'}"
    oldest = f"SELECT t.id {chosen} ORDER BY t.made_at, t.id LIMIT -1"
    joined = "CROSS JOIN task t ON t.id = oldest.id CROSS JOIN contact c ON c.id = t.contact_id"
    return Listing(_TASK, f"FROM ({oldest}) AS oldest {joined}", counted=chosen)


def suppression_list(*, for_people: bool) -> Listing:
    """Suppressions in force, oldest first; for people a short hash stands where no address is known."""
    chosen = "FROM suppression s WHERE s.lifted_at IS NULL"
    oldest = f"SELECT s.id {chosen} ORDER BY s.at, s.id LIMIT -1"
    joined = "CROSS JOIN suppression s ON s.id = oldest.id LEFT JOIN contact c ON c.address_hash = s.address_hash"
    columns = (_SOMEBODY, *_SUPPRESSION[1:-1]) if for_people else _SUPPRESSION
    return Listing(columns, f"FROM ({oldest}) AS oldest {joined}", counted=chosen)
