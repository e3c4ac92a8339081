"""What must be true of a town after everything that can happen to it, read from the mails and the tables alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from nurture_cli.calendars import add, next_allowed
from nurture_cli.campaign.model import Once, WaitFor
from nurture_cli.planner.plan import make_plan
from nurture_cli.store import ledger
from nurture_cli.store.database import open_reader, open_writer
from tests.acceptance.post import Mail, Post
from tests.acceptance.town import DAY, HOUR, STAGES, Town

CAPS = ((1, DAY), (3, 7 * DAY))  # of a contact
HOURLY = 3  # of channel mail
FREED_BY_RUNS = {"turn", "channel-limit"}  # when what goes first has gone, and when the channel has room
FREED_BY_CHANGE = {"suppressed", "no-consent", "consent-ended", "failed", "paused", "in-doubt", "loop", "stranded"}


@dataclass
class Known:
    """What the town knows beyond its tables: when each run was, whom it must not reach, what humans said."""

    instants: dict[int, int] = field(default_factory=dict)
    barred: dict[int, set[str]] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)  # keys that somebody wanted to be delivered once more
    assumed: set[str] = field(default_factory=set)  # keys that count as sent by somebody's word


@dataclass(frozen=True)
class Touch:
    """A row of the ledger, with what the project says of its campaign."""

    key: str
    email: str
    campaign: str
    enrollment: int | None
    asset: str
    family: str
    state: str
    stream: bool


class Promises:
    """Each method is one promise."""

    def __init__(self, town: Town, post: Post, known: Known) -> None:
        self._town, self._post, self._known = town, post, known

    def check(self) -> None:
        """All that hold at any time."""
        touches = self._touches()
        mails = [mail for mail in self._post.arrived() if not mail.key.startswith("handoff/")]
        self.every_mail_has_its_touch_and_every_sent_touch_its_mail(mails, touches)
        self.nobody_gets_the_same_twice(mails, touches)
        self.nobody_is_above_the_caps(mails)
        self.nobody_is_written_to_who_must_not_be(mails)
        self.campaigns_keep_their_pace(mails, touches)
        self.everybody_stands_somewhere()
        self.the_history_of_stages_is_whole()
        self.nobody_is_a_lead_by_name_alone()
        self.each_brief_reaches_sales_once()

    def _touches(self) -> dict[str, Touch]:
        rows = self._town.ask(
            "SELECT t.key, c.email, t.campaign, t.enrollment_id, t.asset, t.family, t.state, t.stream FROM touch t"
            " JOIN contact c ON c.id = t.contact_id WHERE t.handoff_id IS NULL"
        )
        return {row[0]: Touch(*row) for row in rows}

    def every_mail_has_its_touch_and_every_sent_touch_its_mail(
        self, mails: list[Mail], touches: dict[str, Touch]
    ) -> None:
        known = self._known
        for key, times in Counter(mail.key for mail in mails).items():
            assert times == 1 or key in known.again, f"{key} arrived {times} times"
            assert touches[key].state in ("sent", "unknown", "committing") or key in known.again, touches[key]
        for mail in mails:
            assert (mail.to, mail.asset) == (touches[mail.key].email, touches[mail.key].asset)
        reaching = {name for name, asset in self._town.project.assets.items() if asset.channel != "task"}
        arrived = {mail.key for mail in mails}
        for touch in touches.values():
            if touch.state == "sent" and touch.asset in reaching:
                assert touch.key in arrived | known.assumed, f"{touch} never arrived"
        tasks = {key for (key,) in self._town.ask("SELECT t.key FROM task k JOIN touch t ON t.id = k.touch_id")}
        assert tasks == {t.key for t in touches.values() if t.state == "sent" and t.asset not in reaching}

    def nobody_gets_the_same_twice(self, mails: list[Mail], touches: dict[str, Touch]) -> None:
        had: dict[tuple[str, str], list[Touch]] = {}
        for mail in mails:
            touch = touches[mail.key]
            before = had.setdefault((mail.to, touch.family), [])
            for earlier in before:
                if earlier.key != touch.key:  # the same key twice is looked at elsewhere
                    assert not self._counts_as_received(earlier, touch), f"{earlier} and then {touch}"
            before.append(touch)

    def _counts_as_received(self, earlier: Touch, touch: Touch) -> bool:
        campaign = self._town.project.campaigns.get(touch.campaign)
        match Once.GLOBAL if campaign is None else campaign.once:
            case Once.GLOBAL:
                return True
            case Once.CAMPAIGN:
                return earlier.campaign == touch.campaign
            case Once.PASS:
                return earlier.enrollment == touch.enrollment
            case Once.NO:
                return touch.stream and earlier.enrollment == touch.enrollment

    def nobody_is_above_the_caps(self, mails: list[Mail]) -> None:
        instants: dict[str, list[int]] = {}
        hourly: list[int] = []
        for mail in mails:
            if mail.key not in self._known.again:
                at = self._known.instants[mail.run]
                instants.setdefault(mail.to, []).append(at)
                if self._town.project.assets[mail.asset].channel == "mail":
                    hourly.append(at)
        for to, times in instants.items():
            for most, seconds in self._town.caps:
                assert _most_within(times, seconds) <= most, f"{to} got more than {most} in {seconds // DAY} days"
        assert _most_within(hourly, HOUR) <= HOURLY

    def nobody_is_written_to_who_must_not_be(self, mails: list[Mail]) -> None:
        for mail in mails:
            assert mail.to not in self._known.barred[mail.run], f"{mail} went to somebody who must not be written to"

    def campaigns_keep_their_pace(self, mails: list[Mail], touches: dict[str, Touch]) -> None:
        project = self._town.project
        assert project.config is not None
        zones = dict(self._town.ask("SELECT email, coalesce(zone, 'Europe/Berlin') FROM contact"))
        last: dict[tuple[str, str], int] = {}
        for mail in mails:
            campaign = project.campaigns.get(touches[mail.key].campaign)
            if campaign is None:
                continue
            at, zone = self._known.instants[mail.run], zones[mail.to]
            assert next_allowed(at, campaign.pace.window, zone, project.config.closed) == at, f"{mail} out of hours"
            place = (mail.to, campaign.name)
            if campaign.pace.gap is not None and place in last and mail.key not in self._known.again:
                assert add(last[place], campaign.pace.gap, zone, project.config.closed) <= at, f"{mail} within the gap"
            last[place] = at

    def everybody_stands_somewhere(self) -> None:
        open_ones = self._town.ask(
            "SELECT contact_id, campaign, state, step, step_done, wake_at, held_reason FROM enrollment"
            " WHERE ended_at IS NULL"
        )
        places = Counter((contact, campaign) for contact, campaign, *_ in open_ones)
        assert set(places.values()) <= {1}
        for contact, campaign, state, step, done, wake, reason in open_ones:
            where = f"contact {contact} in {campaign} at {step}: {state} {reason or ''}"
            match state:
                case "resting" | "exhausted":
                    assert wake is None, where
                case "held":
                    assert wake is not None or reason in FREED_BY_CHANGE | FREED_BY_RUNS, where
                case _ if wake is None:
                    assert (state, done) == ("waiting", 0), where
                    assert self._waits_forever(campaign, step), where

    def _waits_forever(self, campaign: str, step: str) -> bool:
        steps = (one for sequence in self._town.project.campaigns[campaign].sequences for one in sequence.steps)
        return any(isinstance(one, WaitFor) and one.id == step and one.within is None for one in steps)

    def the_history_of_stages_is_whole(self) -> None:
        """Replayed from the moves it is where the contacts stand, and how far they ever came."""
        standing: dict[int, str] = {}
        furthest: dict[int, str] = {}
        for contact, old, new in self._town.ask("SELECT contact_id, from_stage, to_stage FROM stage_move ORDER BY id"):
            assert standing.get(contact, STAGES[0]) == old, f"contact {contact} went from {old} without having come"
            standing[contact] = new
            furthest[contact] = max(furthest.get(contact, STAGES[0]), new, key=STAGES.index)
        for contact, stage, far in self._town.ask("SELECT id, stage, furthest_stage FROM contact"):
            assert stage == standing.get(contact, STAGES[0])
            assert (far or stage) == furthest.get(contact, STAGES[0])

    def nobody_is_a_lead_by_name_alone(self) -> None:
        """Who was handed to Sales had responded, and is there once at a time."""
        silent = self._town.ask(
            "SELECT h.id FROM handoff h WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.contact_id = h.contact_id"
            " AND e.kind NOT IN ('purchased', 'opened') AND e.machine = 0 AND e.at <= h.at)"
        )
        assert silent == []
        twice = self._town.ask(
            "SELECT contact_id FROM handoff WHERE closed_at IS NULL GROUP BY contact_id HAVING count(*) > 1"
        )
        assert twice == []

    def each_brief_reaches_sales_once(self) -> None:
        """And nobody else."""
        arrived = [mail for mail in self._post.arrived() if mail.key.startswith("handoff/")]
        assert {mail.to for mail in arrived} <= {"sales@town.internal"}
        for key, times in Counter(mail.key for mail in arrived).items():
            assert times == 1 or key in self._known.again, f"{key} arrived {times} times"
        left = self._town.ask("SELECT key, handoff_id FROM touch WHERE handoff_id IS NOT NULL AND state = 'sent'")
        assert {key for key, _ in left} <= {mail.key for mail in arrived} | self._known.assumed
        assert max(Counter(handoff for _, handoff in left).values(), default=1) == 1

    def whom_sales_has_or_who_rests_is_left_in_peace(self) -> None:
        """After a run in which nothing else happened."""
        inside = self._town.ask(
            "SELECT e.contact_id, e.campaign, EXISTS (SELECT 1 FROM recycling g WHERE g.contact_id = e.contact_id"
            "   AND g.closed_at IS NULL) FROM enrollment e WHERE e.ended_at IS NULL"
            " AND (EXISTS (SELECT 1 FROM recycling g WHERE g.contact_id = e.contact_id AND g.closed_at IS NULL)"
            "   OR EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = e.contact_id AND h.closed_at IS NULL))"
        )
        for contact, campaign, rests in inside:
            assert not rests, f"contact {contact} rests, and is in {campaign}"
            assert self._town.project.campaigns[campaign].with_sales, f"contact {contact} is with Sales and {campaign}"

    def a_plan_sends_nothing_more_to_who_was_just_sent_to(self, run: int) -> None:
        """After a run at the same instant: the caps of the town allow one a day."""
        reached = {mail.to for mail in self._post.arrived() if mail.run == run}
        assert reached & {email for email, reaches in self._due() if reaches} == set()

    def nobody_is_forgotten(self) -> None:
        """A plan that looks at everybody finds no more than one that looks at whom it must."""
        found, there_is = self._due(), self._due(look_at_everybody=True)
        assert found == there_is, f"a plan finds {found}, but there is {there_is}"

    def _due(self, *, look_at_everybody: bool = False) -> list[tuple[str, bool]]:
        db = open_writer(self._town.database)
        try:
            db.execute("BEGIN")
            if look_at_everybody:
                db.execute("INSERT INTO change (contact_id) SELECT id FROM contact")
            plan = make_plan(self._town.project, db, self._town.at)
            found = [(f"{due.email} {due.key} {due.asset}", due.reaches_contact) for due in plan.due()]
            db.execute("ROLLBACK")
        finally:
            db.close()
        return found

    def the_files_are_whole(self) -> None:
        """At the end of a story."""
        db = open_reader(self._town.database)
        try:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            assert list(ledger.damaged(db)) == []
        finally:
            db.close()


def _most_within(instants: list[int], seconds: int) -> int:
    times = sorted(instants)
    return max((sum(1 for other in times if at - seconds < other <= at) for at in times), default=0)
