"""The queue of Sales, the brief, what Sales says, going back by hand, and referrals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from tests.conftest import Answer, MakeProject, Nurture
from tests.projects import SHOP

FUNNEL = """
stages:
  - name
  - recycled
  - engaged
  - stage: lead
    when: interest >= 20
    handoff: sales
    back: [{to: recycled, for: [no-budget, not-now]}, {to: engaged, for: [too-early]}]
  - stage: sales-lead
    back: [{to: recycled, for: [no-budget]}]
  - customer
agreement: {version: 2026-1, date: 2026-01-01, agreed_by: [Mara (Marketing), Jonas (Sales)]}
fit: [{if: employees >= 100, points: 70}, {if: role == "buyer", points: 35}]
sales: {channel: task, accept_within: 2 business days, accepted: sales-lead, won: customer}
recycling:
  no-budget: {rest: 30 days, then: fair, interest: halve}
  not-now: {}
  too-early: {rest: 2 weeks}
closed: [2026-03-04]
"""
PROJECT = {"nurture.yml": SHOP["nurture.yml"].replace("stages: [name, lead, customer]\n", FUNNEL)}
HOUR, DAY = 3600, 86400


class Desk:
    """The shop with a funnel, and the people of Sales at its command line."""

    def __init__(self, root: Path, nurture: Nurture, clock: SteppingClock) -> None:
        self.root, self.nurture, self.clock = root, nurture, clock

    def __call__(self, words: str, *more: object, terminal: bool = False) -> Answer:
        return self.nurture(*words.split(), *more, cwd=self.root, terminal=terminal, columns=200)

    def contact(self, name: str, *facts: str) -> None:
        """A contact that may be written to."""
        consent = ("consent=express", "consent_basis=form", "consent_source=fair 2026")
        assert self("contacts add", f"{name}@x.example", *consent, *facts).code == 0

    def lead(self, name: str, *facts: str, kind: str = "inquired") -> None:
        """A contact that responded and fits, after the run that hands it over."""
        self.contact(name, "employees=200", *facts)
        assert self("events add", f"{name}@x.example", kind).code == 0
        assert self("run").code == 0

    def queue(self, *words: str) -> list[dict[str, object]]:
        """The rows of the queue."""
        answer = self("sales list --json", *words)
        assert answer.code == 0, answer.err
        return [json.loads(line) for line in answer.out.splitlines()]

    def show(self, name: str) -> dict[str, object]:
        """Everything that is kept about a contact."""
        return dict(json.loads(self("contacts show", f"{name}@x.example", "--json").out))

    def brief(self, name: str) -> dict[str, object]:
        """The brief as JSON."""
        answer = self("sales brief", f"{name}@x.example", "--json")
        assert answer.code == 0, answer.err
        return dict(json.loads(answer.out))

    def stage(self, name: str) -> object:
        """Where a contact stands."""
        return self.show(name)["stage"]


@pytest.fixture
def desk(project: MakeProject, nurture: Nurture, clock: SteppingClock) -> Desk:
    return Desk(project(PROJECT), nurture, clock)


# --- the queue


def test_the_queue_begins_with_whom_nobody_has_answered_and_the_readiest(desk: Desk) -> None:
    desk.lead("ann")
    desk.clock.at += HOUR
    desk.lead("bob", "role=buyer", kind="requested_demo")
    desk.lead("cat", "role=buyer", "company=Cat Ltd", kind="requested_demo")
    desk("events add", "cat@x.example", "replied")
    desk("sales accept", "bob@x.example")

    queue = desk.queue()

    assert [(row["email"], row["grade"], row["state"]) for row in queue] == [
        ("cat@x.example", "A1", "open"),
        ("ann@x.example", "A2", "open"),
        ("bob@x.example", "A2", "accepted"),
    ]
    assert (queue[0]["company"], queue[0]["fit"], queue[0]["interest"], queue[0]["sort"]) == ("Cat Ltd", 105, 60, "new")


def test_of_equals_the_longest_wait_goes_first(desk: Desk) -> None:
    desk.lead("zoe")
    desk.clock.at += 60
    desk.lead("ann")

    assert [row["email"] for row in desk.queue()] == ["zoe@x.example", "ann@x.example"]


def test_an_answer_is_overdue_after_business_days_of_the_project(desk: Desk) -> None:
    """Handed over on a Tuesday; the Wednesday is closed, so that two business days end on the Friday."""
    desk.lead("ann")
    due = desk.clock.at + 3 * DAY

    desk.clock.at = due
    in_time = desk("sales list --exit-code")
    desk.clock.at = due + 1
    late = desk("sales list --exit-code")
    (row,) = desk.queue()
    people = desk("sales list", terminal=True)
    desk("sales accept", "ann@x.example")
    answered = desk("sales list --exit-code")

    assert row["since"] == "2026-03-03T10:00:00+01:00"
    assert (row["due_by"], row["overdue"]) == ("2026-03-06T10:00:00+01:00", True)
    assert (in_time.code, late.code, answered.code) == (0, 1, 0)
    assert "2026-03-06 10:00 +01:00: overdue" in people.out
    assert "1 answer is overdue." in people.err


def test_closed_ones_are_shown_when_asked_for(desk: Desk) -> None:
    desk.lead("ann")
    desk("sales won", "ann@x.example", "--value", "4800")

    assert desk.queue() == []
    (row,) = desk.queue("--all")
    assert (row["state"], row["value"], row["closed_at"]) == ("won", 4800, "2026-03-03T10:00:00+01:00")
    assert "No contact is with Sales." in desk("sales list", terminal=True).err


def test_a_pipe_gets_tabs_and_a_terminal_a_table(desk: Desk) -> None:
    desk.lead("ann", "company=Example Ltd")

    head, row = desk("sales list").out.splitlines()
    table = desk("sales list", terminal=True).out

    assert dict(zip(head.split("\t"), row.split("\t"), strict=True))["company"] == "Example Ltd"
    assert "Answer due by" in table
    assert "Example Ltd" in table


def test_an_exported_queue_is_no_formula_in_a_spreadsheet(desk: Desk, tmp_path: Path) -> None:
    desk.lead("ann", "company==cmd|'/c calc'!A1")

    (safe,) = csv.DictReader(io.StringIO(desk("sales export").out))
    (raw,) = csv.DictReader(io.StringIO(desk("sales export --raw").out))
    written = desk("sales export", tmp_path / "leads.csv")

    assert safe["company"] == "'=cmd|'/c calc'!A1"
    assert raw["company"] == "=cmd|'/c calc'!A1"
    assert "Wrote 1 lead to" in written.err
    assert (tmp_path / "leads.csv").read_bytes().decode() == desk("sales export").out
    assert desk("sales export", tmp_path).code == 74


# --- what Sales says


def test_who_is_accepted_moves_on_once(desk: Desk) -> None:
    desk.lead("ann")

    first = desk("sales accept", "ann@x.example")
    moves = desk.show("ann")["stage_moves"]
    desk.clock.at += HOUR
    second = desk("sales accept", "ann@x.example")

    assert "ann@x.example is accepted and moves from lead to sales-lead." in first.err
    assert "was accepted already" in second.err
    assert second.code == 0
    assert desk.show("ann")["stage_moves"] == moves
    assert moves[-1]["cause"] == "sales accept"  # type: ignore[index]
    assert moves[-1]["version"] == "2026-1"  # type: ignore[index]


def test_a_rejected_lead_rests_and_then_enters_the_campaign_of_the_reason(desk: Desk) -> None:
    desk.lead("ann")
    desk.clock.at += HOUR

    answer = desk("sales reject", "ann@x.example", "--reason", "no-budget")
    ann = desk.show("ann")
    again = desk("sales reject", "ann@x.example", "--reason", "no-budget")

    assert answer.code == again.code == 0
    assert (
        "The contact moves from lead back to recycled for no-budget, rests until 2026-04-02 11:00 +02:00,"
        " then enters fair." in answer.err
    )
    assert "was returned to marketing already, for no-budget" in again.err
    assert desk.show("ann") == ann
    assert (ann["stage"], ann["furthest_stage"]) == ("recycled", "lead")
    move = ann["stage_moves"][-1]  # type: ignore[index]
    assert (move["cause"], move["reason"]) == ("sales reject", "no-budget")
    (rest,) = ann["recycling"]  # type: ignore[misc]
    assert (rest["reason"], rest["interest"], rest["campaign"]) == ("no-budget", "halve", "fair")
    (period,) = ann["lead_periods"]  # type: ignore[misc]
    assert (period["state"], period["reason"], period["closed_at"]) == (
        "rejected", "no-budget", "2026-03-03T11:00:00+01:00",
    )  # fmt: skip


def test_after_the_rest_the_campaign_of_the_reason_is_entered_whatever_it_asks_for(desk: Desk) -> None:
    desk.lead("ann")
    desk("sales reject", "ann@x.example", "--reason", "no-budget")
    desk("run")
    desk.clock.at += 29 * DAY
    desk("run")
    resting = desk.show("ann")
    desk.clock.at += 2 * DAY
    desk("run")

    ann = desk.show("ann")
    assert (resting["enrollments"], resting["interest"]) == ([], 6)
    assert [one["campaign"] for one in ann["enrollments"]] == ["fair"]  # type: ignore[attr-defined]
    assert [one["closed_why"] for one in ann["recycling"]] == ["rested"]  # type: ignore[attr-defined]


def test_a_reason_without_rest_and_campaign_says_so(desk: Desk) -> None:
    desk.lead("ann")

    answer = desk("sales reject", "ann@x.example", "--reason", "not-now")

    assert "for not-now, enters whichever campaign lets them in." in answer.err


def test_the_way_back_depends_on_the_reason(desk: Desk) -> None:
    desk.lead("ann")

    desk("sales reject", "ann@x.example", "--reason", "too-early")

    assert desk.stage("ann") == "engaged"


def test_an_accepted_lead_is_lost_and_goes_back(desk: Desk) -> None:
    desk.lead("ann")
    desk("sales accept", "ann@x.example")

    answer = desk("sales lost", "ann@x.example", "--reason", "no-budget")
    again = desk("sales lost", "ann@x.example", "--reason", "no-budget")

    assert (answer.code, again.code) == (0, 0)
    assert "is lost. The contact moves from sales-lead back to recycled" in answer.err
    assert "was lost already" in again.err
    assert desk.show("ann")["furthest_stage"] == "sales-lead"


@pytest.mark.parametrize("accepted", [True, False])
def test_who_bought_is_a_customer_whether_accepted_before_or_not(desk: Desk, accepted: bool) -> None:
    desk.lead("ann")
    if accepted:
        desk("sales accept", "ann@x.example")

    answer = desk("sales won", "ann@x.example", "--value", "12000.5")
    again = desk("sales won", "ann@x.example")

    assert "is won and moves from" in answer.err
    assert ("was won already" in again.err, again.code) == (True, 0)
    ann = desk.show("ann")
    assert (ann["stage"], ann["lead_periods"][0]["value"]) == ("customer", 12000.5)  # type: ignore[index]


def test_what_a_sale_is_worth_can_be_said_later(desk: Desk) -> None:
    desk.lead("ann")
    desk("sales won", "ann@x.example")

    answer = desk("sales won", "ann@x.example", "--value", "700")

    assert (answer.err, answer.code) == ("ann@x.example is won and stays in customer.\n", 0)
    assert desk.show("ann")["lead_periods"][0]["value"] == 700  # type: ignore[index]


@pytest.mark.parametrize(
    ("before", "words", "code", "said"),
    [
        ((), "lost {} --reason no-budget", 1, "was not accepted yet"),
        (("accept {}",), "reject {} --reason not-now", 1, "From sales-lead a contact goes back to recycled for no-bud"),
        ((), "reject {} --reason no-bugdet", 2, "Did you mean no-budget?"),
        ((), "reject {} --reason xyz", 2, "to recycled for no-budget, not-now; to engaged for too-early."),
        ((), "reject {}", 2, "--reason"),
        (("reject {} --reason not-now",), "accept {}", 1, "rejected on 2026-03-03 10:00 +01:00, for not-now"),
        (("reject {} --reason too-early",), "won {}", 1, "not with Sales"),
        (("won {} --value 10",), "won {} --value 20", 1, "value 10"),
        (("won {}",), "lost {} --reason no-budget", 1, "won on"),
        ((), "won {} --value nan", 2, "not an amount that a sale can have"),
        ((), "won {} --value -1", 2, "not an amount that a sale can have"),
        ((), "won {} --value lots", 2, "lots"),
    ],
)
def test_what_does_not_fit_is_answered_and_changes_nothing(
    desk: Desk, before: tuple[str, ...], words: str, code: int, said: str
) -> None:
    desk.lead("ann")
    for earlier in before:
        assert desk(f"sales {earlier.format('ann@x.example')}").code == 0
    known = desk.show("ann")

    answer = desk(f"sales {words.format('ann@x.example')}")

    assert answer.code == code
    assert said in " ".join(answer.err.split())
    assert desk.show("ann") == known


@pytest.mark.parametrize("verb", ["brief", "accept", "reject --reason no-budget", "lost --reason no-budget", "won"])
def test_who_was_never_handed_over_is_said_to_be_so(desk: Desk, verb: str) -> None:
    desk.contact("ann")

    never = desk(f"sales {verb}", "ann@x.example")
    unknown = desk(f"sales {verb}", "nobody@x.example")

    assert (never.code, unknown.code) == (1, 2)
    assert "ann@x.example was never handed to Sales." in never.err


def test_without_a_way_back_nobody_is_given_back(project: MakeProject, nurture: Nurture, clock: SteppingClock) -> None:
    text = PROJECT["nurture.yml"]
    ways = [line for line in text.splitlines() if "back:" in line]
    for line in ways:
        text = text.replace(line + "\n", "")
    head, _, tail = text.partition("recycling:")
    text = head + tail[tail.index("closed:") :]
    desk = Desk(project({"nurture.yml": text}), nurture, clock)
    desk.lead("ann")

    answer = desk("sales reject", "ann@x.example", "--reason", "no-budget")

    assert answer.code == 1
    assert "No stage in nurture.yml has a way back." in answer.err
    assert "back: [{to: recycled" in answer.err


# --- going back by hand


def test_a_hand_moves_a_contact_back_along_a_declared_way(desk: Desk) -> None:
    desk.contact("ann", "stage=sales-lead")

    answer = desk("contacts set", "ann@x.example", "stage=recycled", "phone=5", "--reason", "no-budget")
    again = desk("contacts set", "ann@x.example", "stage=recycled", "phone=5", "--reason", "no-budget")

    assert (answer.code, again.code) == (0, 0)
    assert "The contact moves from sales-lead back to recycled for no-budget, rests until" in answer.err
    assert "had these values already" in again.err
    ann = desk.show("ann")
    assert (ann["stage"], ann["furthest_stage"], ann["phone"]) == ("recycled", "sales-lead", "5")
    assert [(move["to_stage"], move["reason"]) for move in ann["stage_moves"]] == [  # type: ignore[attr-defined]
        ("sales-lead", ""), ("recycled", "no-budget"),
    ]  # fmt: skip
    assert [rest["reason"] for rest in ann["recycling"]] == ["no-budget"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["stage=recycled"], 2, "give a reason: --reason REASON."),
        (["stage=recycled", "--reason", "no-bugdet"], 2, "Did you mean no-budget?"),
        (
            ["stage=recycled", "--reason", "not-now"],
            1,
            "nurture.yml has no way back from sales-lead to recycled for not-now.",
        ),
        (
            ["stage=name", "--reason", "no-budget"],
            1,
            "nurture.yml has no way back from sales-lead to name for no-budget.",
        ),
        (["stage=customer", "--reason", "no-budget"], 2, "--reason is only for a move back"),
        (["phone=5", "--reason", "no-budget"], 2, "--reason is only for a move back"),
        (["stage=recycled", "--reason", "\x1b[2J"], 2, "control characters"),
    ],
)
def test_a_hand_goes_back_by_no_other_way(desk: Desk, words: list[str], code: int, said: str) -> None:
    desk.contact("ann", "stage=sales-lead")
    known = desk.show("ann")

    answer = desk("contacts set", "ann@x.example", "company=New", *words)

    assert answer.code == code
    assert said in " ".join(answer.err.split())
    assert desk.show("ann") == known


def test_who_is_in_the_hands_of_sales_is_given_back_by_sales_alone(desk: Desk) -> None:
    desk.lead("ann")

    answer = desk("contacts set", "ann@x.example", "stage=recycled", "--reason", "no-budget")

    assert answer.code == 1
    assert "is with Sales" in answer.err
    assert desk.stage("ann") == "lead"


def test_where_no_way_back_is_declared_a_hand_may_go_back_as_it_likes(
    shop: Path, nurture: Nurture, clock: SteppingClock
) -> None:
    desk = Desk(shop, nurture, clock)
    desk.contact("ann", "stage=customer")

    first = desk("contacts set", "ann@x.example", "stage=lead")
    second = desk("contacts set", "ann@x.example", "stage=name", "--reason", "typed wrongly")

    assert (first.code, second.code) == (0, 0)
    ann = desk.show("ann")
    assert [move["reason"] for move in ann["stage_moves"]] == ["", "", "typed wrongly"]  # type: ignore[attr-defined]
    assert (ann["furthest_stage"], ann["recycling"]) == ("customer", [])


def test_a_second_way_back_ends_the_first_rest(desk: Desk) -> None:
    desk.contact("ann", "stage=sales-lead")
    desk("contacts set", "ann@x.example", "stage=recycled", "--reason", "no-budget")
    desk("contacts set", "ann@x.example", "stage=lead")

    desk("contacts set", "ann@x.example", "stage=recycled", "--reason", "not-now")

    closed = [(rest["reason"], rest["closed_why"]) for rest in desk.show("ann")["recycling"]]  # type: ignore[attr-defined]
    assert closed == [("no-budget", "given back again"), ("not-now", None)]


# --- what is kept


def test_three_times_a_lead_are_three_intervals(desk: Desk) -> None:
    desk.lead("ann")
    for day, reason in ((1, "not-now"), (20, "too-early")):
        desk.clock.at += day * DAY
        desk("sales reject", "ann@x.example", "--reason", reason)
        desk.clock.at += DAY
        desk("events add", "ann@x.example", "requested_demo")
        desk("run")

    ann, brief = desk.show("ann"), desk.brief("ann")

    periods = ann["lead_periods"]
    assert [(one["at"][:10], (one["closed_at"] or "")[:10], one["reason"]) for one in periods] == [  # type: ignore[attr-defined]
        ("2026-03-03", "2026-03-04", "not-now"),
        ("2026-03-05", "2026-03-25", "too-early"),
        ("2026-03-26", "", None),
    ]
    before = [(one["at"][:10], one["until"][:10], one["state"]) for one in brief["lead_before"]]  # type: ignore[attr-defined]
    assert before == [("2026-03-03", "2026-03-04", "rejected"), ("2026-03-05", "2026-03-25", "rejected")]


def test_fit_interest_and_grade_are_shown_with_what_they_are_made_of(desk: Desk) -> None:
    desk.lead("ann", "role=buyer")
    desk.clock.at += 30 * DAY

    ann = desk.show("ann")
    plain = desk("contacts show", "ann@x.example").out

    assert (ann["grade"], ann["fit"], ann["interest"]) == ("A3", 105, 13)
    assert ann["fit_why"] == [{"points": 70, "for": "employees >= 100"}, {"points": 35, "for": 'role == "buyer"'}]
    (part,) = ann["interest_why"]  # type: ignore[misc]
    assert (part["kind"], part["points"], part["left"]) == ("inquired", 25, 12.5)
    assert "points 70, for employees >= 100" in plain
    assert "grade: A3" in plain


# --- referrals


def test_a_referral_makes_a_contact_without_consent_and_an_event_once(desk: Desk) -> None:
    desk.contact("ann")

    words = ("contacts refer", "Bob@y.example", "--by", "ann@x.example", "first_name=Bob")
    first = desk(*words)
    desk.clock.at += DAY
    second = desk(*words)

    assert "Added Bob@y.example, referred by ann@x.example." in first.err
    assert ("is recorded already as referred by" in second.err, second.code) == (True, 0)
    bob = json.loads(desk("contacts show", "bob@y.example", "--json").out)
    ann = desk.show("ann")
    assert (bob["stage"], bob["consent"], bob["source"], bob["first_name"]) == ("name", "unknown", "referral", "Bob")
    assert [one["email"] for one in bob["referred_by"]] == ["ann@x.example"]
    assert [one["email"] for one in ann["referred"]] == ["Bob@y.example"]  # type: ignore[attr-defined]
    assert [one["kind"] for one in ann["events"]] == ["referred"]  # type: ignore[attr-defined]


def test_a_referral_of_who_is_known_leaves_the_contact_as_it_was(desk: Desk) -> None:
    desk.contact("ann")
    desk.contact("bob", "source=fair")

    desk("contacts refer", "bob@x.example", "--by", "ann@x.example")

    bob = desk.show("bob")
    assert (bob["source"], bob["consent"], bob["referred_by"][0]["email"]) == ("fair", "express", "ann@x.example")  # type: ignore[index]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ANN@x.example", "--by", "ann@x.example"], 2, "A contact can't refer themselves."),
        (["new@x.example", "--by", "nobody@x.example"], 2, "There is no contact nobody@x.example."),
        (["no address", "--by", "ann@x.example"], 2, "not an email address"),
        (["new@x.example", "--by", "ann@x.example", "frist_name=N"], 2, "Did you mean first_name?"),
        (["bob@x.example", "--by", "cat@x.example"], 1, "bob@x.example was referred by ann@x.example."),
        (["ann@x.example", "--by", "bob@x.example"], 1, "it cannot be the other way round"),
        (["new@x.example"], 2, "--by"),
    ],
)
def test_a_referral_that_cannot_be_is_refused_and_nothing_is_kept(
    desk: Desk, words: list[str], code: int, said: str
) -> None:
    for name in ("ann", "bob", "cat"):
        desk.contact(name)
    desk("contacts refer", "bob@x.example", "--by", "ann@x.example")
    known = [desk.show(name) for name in ("ann", "bob", "cat")]

    answer = desk("contacts refer", *words)

    assert answer.code == code
    assert said in " ".join(answer.err.split())
    assert [desk.show(name) for name in ("ann", "bob", "cat")] == known
    assert len(desk("contacts list").out.splitlines()) == 4
