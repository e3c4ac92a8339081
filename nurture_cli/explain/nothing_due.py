"""Why nothing is due: what must be there before anything can be sent, and where the contacts are.

Reads what a plan has decided, in the temporary tables of its connection. With more than `MOST` contacts it looks up
only what an index answers at once, so that `plan` stays quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nurture_cli.campaign.model import Campaign
from nurture_cli.places import CAMPAIGNS
from nurture_cli.planner.bound import MAY_BE_WRITTEN_TO, SUPPRESSED, Parameters
from nurture_cli.planner.funnel import RESTING, WITH_SALES
from nurture_cli.planner.plan import Plan
from nurture_cli.planner.tokens import ENDED, EXHAUSTED, RESTS
from nurture_cli.plural import how_many
from nurture_cli.reasons import Nothing
from nurture_cli.timing import format_instant

MOST = 5_000  # contacts that are looked at one by one, in some 30 ms
MOST_QUOTED = 3  # campaigns whose entry condition is quoted
LONGEST = 70  # letters of a quoted condition


@dataclass(frozen=True, slots=True)
class Why:
    """One reason why nothing is due: how many contacts (or touches) it concerns, a sentence, and what to type or do."""

    reason: Nothing
    count: int
    sentence: str
    next: str = ""


class WaysToTell(NamedTuple):
    """How a reason is put into words, of one contact, of several and, if need be, of all.

    `{here}` is the campaign, or any of them; `{when}` is when a wait ends; `{asked}` is what campaigns ask for.
    """

    one: str
    several: str
    next: str = ""
    all: str = ""


_RECORD = "`nurture contacts set EMAIL consent=… consent_basis=… consent_source=…`"
TOLD: Mapping[Nothing, WaysToTell] = {
    Nothing.NO_CONSENT: WaysToTell(
        "has no recorded consent, so nothing can be sent to them",
        "have no recorded consent, so nothing can be sent to them",
        f"Record it: {_RECORD}, or import the file again with `--set` for each of the three.",
        "None of the {number:,} contacts has recorded consent, so nothing can be sent to them",
    ),
    Nothing.INCOMPLETE_CONSENT: WaysToTell(
        "has consent without its basis or its source, which counts as none",
        "have consent without its basis or its source, which counts as none",
        "Add them: `nurture contacts set EMAIL consent_basis=… consent_source=…`.",
    ),
    Nothing.CONSENT_ENDED: WaysToTell(
        "gave consent that has run out", "gave consent that has run out", f"Record a new one: {_RECORD}."
    ),
    Nothing.SUPPRESSED: WaysToTell(
        "is suppressed, so nothing is ever sent to them",
        "are suppressed, so nothing is ever sent to them",
        "`nurture suppress list` says why.",
    ),
    Nothing.WAITING: WaysToTell("is waiting in {here}; {when}", "are waiting in {here}; {when}"),
    Nothing.NOT_ENTERED: WaysToTell(
        "has not entered {here}: {asked}",
        "have not entered {here}: {asked}",
        "`nurture explain EMAIL` shows what a contact still needs.",
        "None of the {number:,} contacts has entered {here}: {asked}",
    ),
    Nothing.PASSED_OVER: WaysToTell(
        "matched {here} before its first run, and is passed over",
        "matched {here} before its first run, and are passed over",
        "To let them in, write `backfill: true` in the campaign's file.",
    ),
    Nothing.AT_REST: WaysToTell(
        "is resting after Sales returned them; {when}", "are resting after Sales returned them; {when}"
    ),
    Nothing.WITH_SALES: WaysToTell(
        "is with Sales, so campaigns leave them alone",
        "are with Sales, so campaigns leave them alone",
        "`nurture sales list` shows them.",
    ),
    Nothing.RESTING: WaysToTell(
        "is in {here}, which has no steps for their stage",
        "are in {here}, which has no steps for their stage",
        "Add steps for that stage, or under `any:`.",
    ),
    Nothing.EXHAUSTED: WaysToTell(
        "has received everything that {here} sends",
        "have received everything that {here} sends",
        "Append steps or stream items, and they go out.",
    ),
    Nothing.LEFT: WaysToTell(
        "has left {here}, or reached its end",
        "have left {here}, or reached its end",
        "`nurture explain EMAIL` says how.",
    ),
}


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many contacts are at one place; the first instant at which something ends for some of them, and how many."""

    count: int
    first: int | None
    then: int

    def with_others(self, other: HeadCount) -> HeadCount:
        """Both together."""
        known = [one for one in (self, other) if one.first is not None]
        first = min((one.first for one in known if one.first is not None), default=None)
        return HeadCount(self.count + other.count, first, sum(one.then for one in known if one.first == first))


def why_nothing_is_due(plan: Plan, name: str | None = None) -> tuple[Why, ...]:
    """Why a plan has nothing due and nothing held back, the most pressing first.

    In all campaigns, or in the one called `name`, once the caller has found nothing due or held back in it.
    """
    if name is None and (plan.counts.due or plan.counts.held):
        return ()
    campaigns = [one for one in plan.world.campaigns if name in (None, one.name)]
    return tuple(_reasons(plan, campaigns, name))


def _reasons(plan: Plan, campaigns: Sequence[Campaign], name: str | None) -> Iterator[Why]:
    number = plan.db.execute(f"SELECT count(*) FROM (SELECT 1 FROM main.contact LIMIT {MOST + 1})").fetchone()[0]
    elsewhere = plan.counts.due + plan.counts.held
    if not campaigns:
        yield Why(
            Nothing.NO_CAMPAIGN, 0, f"There is no campaign in {CAMPAIGNS}/.", "Make one: `nurture new campaign NAME`."
        )
    if not number:
        yield Why(Nothing.NO_CONTACT, 0, "There are no contacts yet.", "Import some: `nurture contacts import FILE`.")
    if not campaigns or not number:
        return
    if name is not None and elsewhere:
        said = f"Other campaigns have {plan.counts.due:,} due and {plan.counts.held:,} held back."
        yield Why(Nothing.OTHER_CAMPAIGN, elsewhere, said, "`nurture plan` shows them.")
    if number > MOST:
        yield from _at_a_glance(plan)
        return
    places = _places(plan, campaigns)
    for reason in Nothing:
        if reason in places:
            yield _in_words(plan, campaigns, reason, places[reason], number)


def _at_a_glance(plan: Plan) -> Iterator[Why]:
    """What an index knows about a long list."""
    row = plan.db.execute(
        "SELECT wake_at, count(*) FROM main.enrollment INDEXED BY enrollment_wake"
        " WHERE wake_at > ? AND ended_at IS NULL GROUP BY wake_at ORDER BY wake_at LIMIT 1",
        (plan.at,),
    ).fetchone()
    if row is not None:
        wake, count = row
        yield Why(Nothing.WAITING, count, f"Contacts are waiting; {_ends(plan, wake, count)}.")
    said = f"The list has more than {MOST:,} contacts."
    yield Why(Nothing.LONG_LIST, 0, said, "`nurture silent --days 0` gives the reason for each of them.")


# What keeps a contact from being written to, or ''. Asked only where something that is sent reaches the contact.
CONSENT = f"""
CASE WHEN NOT EXISTS (SELECT 1 FROM temp.asset WHERE reaches = 1) THEN ''
     WHEN {SUPPRESSED} THEN '{Nothing.SUPPRESSED}' WHEN {MAY_BE_WRITTEN_TO} THEN ''
     WHEN c.consent NOT IN ('express', 'implied') THEN '{Nothing.NO_CONSENT}'
     WHEN c.consent_basis IS NULL OR c.consent_source IS NULL THEN '{Nothing.INCOMPLETE_CONSENT}'
     ELSE '{Nothing.CONSENT_ENDED}' END
"""
# The contacts in the campaigns that are asked about, as the plan leaves them: 1 waiting, 2 resting, 3 exhausted.
INSIDE = f"""
SELECT t.cid, CASE t.doing WHEN {RESTS} THEN 2 WHEN {EXHAUSTED} THEN 3 ELSE 1 END AS state, t.due
FROM temp.token t JOIN temp.campaign k ON k.campaign_id = t.campaign_id
WHERE t.doing <> {ENDED} AND k.name IN (%(names)s)
UNION ALL
SELECT e.contact_id, CASE e.state WHEN 'resting' THEN 2 WHEN 'exhausted' THEN 3 ELSE 1 END, e.due_at
FROM main.enrollment e INDEXED BY enrollment_state
WHERE e.ended_at IS NULL AND e.campaign IN (%(names)s) AND e.id NOT IN (SELECT tid FROM temp.token)
"""
LEFT = f"""
(EXISTS (SELECT 1 FROM main.enrollment z WHERE z.contact_id = c.id AND z.campaign IN (%(names)s))
 OR EXISTS (SELECT 1 FROM temp.token t JOIN temp.campaign k ON k.campaign_id = t.campaign_id
            WHERE t.cid = c.id AND t.doing = {ENDED} AND k.name IN (%(names)s)))
"""
PASSED_OVER = """
(EXISTS (SELECT 1 FROM main.passed_over p WHERE p.contact_id = c.id AND p.campaign IN (%(names)s))
 OR EXISTS (SELECT 1 FROM temp.passing p JOIN temp.campaign k ON k.campaign_id = p.campaign_id
            WHERE p.cid = c.id AND k.name IN (%(names)s)))
"""
REST_ENDS = "(SELECT g.rest_until FROM main.recycling g WHERE g.contact_id = c.id AND g.closed_at IS NULL)"


def _places(plan: Plan, campaigns: Sequence[Campaign]) -> Mapping[Nothing, HeadCount]:
    """Where all contacts are, each once: first what bars them from messages, then their place.

    Where that bars all of them, their places are given as well.
    """
    parameters = Parameters(now=plan.at)
    names = {"names": ", ".join(parameters.bind(campaign.name) for campaign in campaigns)}
    rows = plan.db.execute(
        f"""
        WITH inside AS MATERIALIZED (
          SELECT cid, min(state) AS state, min(iif(state = 1 AND due > :now, due, NULL)) AS due
          FROM ({INSIDE % names}) GROUP BY cid),
        everybody AS (
          SELECT {CONSENT} AS consent,
                 CASE WHEN i.state = 1 THEN '{Nothing.WAITING}' WHEN i.state = 2 THEN '{Nothing.RESTING}'
                      WHEN i.state = 3 THEN '{Nothing.EXHAUSTED}'
                      WHEN {WITH_SALES.format("c.id")} THEN '{Nothing.WITH_SALES}'
                      WHEN {RESTING.format("c.id")} THEN '{Nothing.AT_REST}'
                      WHEN {LEFT % names} THEN '{Nothing.LEFT}'
                      WHEN {PASSED_OVER % names} THEN '{Nothing.PASSED_OVER}' ELSE '{Nothing.NOT_ENTERED}' END AS place,
                 iif(i.cid IS NULL, {REST_ENDS}, i.due) AS due
          FROM main.contact c LEFT JOIN inside i ON i.cid = c.id),
        by_time AS (SELECT consent, place, due, count(*) AS number FROM everybody GROUP BY consent, place, due)
        SELECT consent, place, sum(number), min(due), number FROM by_time GROUP BY consent, place
        """,  # beside min(due), SQLite gives `number` of the same row
        parameters,
    ).fetchall()
    somebody = any(not consent for consent, *_ in rows)
    places: dict[Nothing, HeadCount] = {}
    for consent, place, *numbers in rows:
        for reason in (consent or place,) if somebody else (consent, place):
            here = HeadCount(*numbers)
            places[Nothing(reason)] = places[reason].with_others(here) if reason in places else here
    return places


def _in_words(plan: Plan, campaigns: Sequence[Campaign], reason: Nothing, place: HeadCount, number: int) -> Why:
    told = TOLD[reason]
    if number == 1:
        said = f"The only contact {told.one}"
    elif place.count == number:
        said = told.all or f"{'Both' if number == 2 else 'All {number:,}'} contacts {told.several}"
    else:
        said = f"{place.count:,} of {{number:,}} contacts {told.one if place.count == 1 else told.several}"
    here = f"`{campaigns[0].name}`" if len(campaigns) == 1 else "a campaign"
    what = "rest" if reason is Nothing.AT_REST else "wait"
    when = "no wait has an end" if place.first is None else _ends(plan, place.first, place.then, what)
    sentence = said.format(number=number, here=here, when=when, asked=_asked(campaigns))
    return Why(reason, place.count, f"{sentence}.", told.next)


def _ends(plan: Plan, first: int, count: int, what: str = "wait") -> str:
    return f"the next {what} ends on {format_instant(first, plan.world.zone)} ({how_many(count, 'contact')})"


def _asked(campaigns: Sequence[Campaign]) -> str:
    """What the campaigns ask of a contact who enters."""
    if len(campaigns) == 1:
        return f"it asks for {_clipped(campaigns[0].enter.condition.text)}"
    quoted = [f"`{one.name}` asks for {_clipped(one.enter.condition.text)}" for one in campaigns[:MOST_QUOTED]]
    more = len(campaigns) - MOST_QUOTED
    rest = [f"and {how_many(more, 'more campaign')}"] if more > 0 else []
    return "; ".join([*quoted, *rest])


def _clipped(condition: str) -> str:
    flat = " ".join(condition.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
