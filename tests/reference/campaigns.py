"""Random small worlds for the journeys test: campaigns, contacts and a fortnight or two of events."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from nurture_cli.calendars import parse_window
from nurture_cli.campaign.channels import Outbox
from nurture_cli.campaign.funnel import Funnel, Stage
from nurture_cli.campaign.model import (
    ANY_STAGE,
    Again,
    Arm,
    Asset,
    BodyFormat,
    Branch,
    Campaign,
    CampaignRule,
    Channel,
    Config,
    Enter,
    Exit,
    Goal,
    IfLate,
    Limits,
    MoveStage,
    Objective,
    Offer,
    Once,
    OnUnknown,
    Pace,
    Rate,
    Segment,
    Send,
    Sender,
    Sequence,
    SetFacts,
    Since,
    Split,
    SplitArm,
    Step,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.language.expression import (
    All,
    Compare,
    Condition,
    Did,
    Expression,
    Field,
    HasTag,
    Literal,
    Not,
    Received,
    Touches,
    Type,
)
from nurture_cli.text.diagnostic import Span
from nurture_cli.timing import parse_duration, parse_instant

NOWHERE = Span("campaigns/a.yml", 1, 1, 1)
START = parse_instant("2026-03-23 09:00", "Europe/Berlin")  # the clocks change on the 29th
HALF_DAY = 43200
STAGES = ("early", "middle", "late")
ASSETS = ("one", "two", "three", "four", "five", "six")
KINDS = ("downloaded", "clicked", "visited")
TAGS = ("hot", "cold")
ZONES = (None, "Asia/Tokyo", "America/Chicago")
ROLES = (None, "buyer", "user")


def condition(body: Expression) -> Condition:
    return Condition("…", body, NOWHERE)


def did(kind: str, asset: str | None = None, within: int | None = None, times: int = 1) -> Did:
    return Did(kind, asset, within, times, None, NOWHERE)


happenings = st.one_of(
    st.builds(did, st.sampled_from(KINDS)),
    st.builds(did, st.sampled_from(KINDS), st.sampled_from(ASSETS)),
    st.builds(did, st.sampled_from(KINDS), st.none(), st.sampled_from((2 * 86400, 5 * 86400))),
    st.builds(did, st.sampled_from(KINDS), st.none(), st.none(), st.just(2)),
    st.builds(lambda asset: Received(asset, NOWHERE), st.sampled_from(ASSETS)),
)
facts = st.one_of(
    st.builds(lambda tag: HasTag(tag, NOWHERE), st.sampled_from(TAGS)),
    st.builds(
        lambda op, role: Compare(
            op, Field("role", Type.TEXT, True, NOWHERE), Literal(role, Type.TEXT, NOWHERE), NOWHERE
        ),
        st.sampled_from(("==", "!=")),
        st.sampled_from(("buyer", "user")),
    ),
    st.builds(
        lambda count: Compare(">=", Touches(None, NOWHERE), Literal(count, Type.NUMBER, NOWHERE), NOWHERE),
        st.integers(1, 4),
    ),
)


def expressions(*, own_facts: bool) -> st.SearchStrategy[Expression]:
    """Conditions; without `own_facts` they do not rest on what another campaign may change in the same run."""
    simple = st.one_of(happenings, facts) if own_facts else happenings
    return st.one_of(
        simple,
        st.builds(lambda body: Not(body, NOWHERE), simple),
        st.builds(lambda *parts: All(parts, NOWHERE), simple, simple),
    )


durations = st.sampled_from(("1 day", "2 days", "12h", "36 hours", "1 business day", "3 days", "1 week")).map(
    parse_duration
)


class Namer:
    """Gives every step of a campaign an id of its own."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, stage: str, kind: str) -> str:
        self.count += 1
        return f"{stage}/{kind}-{self.count}"


@st.composite
def steps(draw: st.DrawFn, stage: str, namer: Namer, *, changes: bool, depth: int = 0) -> tuple[Step, ...]:
    """A list of steps; with `changes` some of them change the contact."""
    kinds = ["send", "send", "wait", "wait", "stream"]
    kinds += ["branch", "split", "wait_for", "wait_for"] if depth < 2 else []
    kinds += ["set", "stage", "exit"] if changes else []
    condition_of = expressions(own_facts=changes).map(condition)
    made: list[Step] = []
    for _ in range(draw(st.integers(1 if depth == 0 else 0, 4 if depth == 0 else 2))):
        kind = draw(st.sampled_from(kinds))
        name = namer(stage, kind)
        nested = steps(stage, namer, changes=changes, depth=depth + 1)
        match kind:
            case "send":
                made.append(Send(name, NOWHERE, draw(st.sampled_from(ASSETS)), NOWHERE))
            case "wait":
                made.append(Wait(name, NOWHERE, draw(durations)))
            case "stream":
                items = draw(st.lists(st.sampled_from(ASSETS), min_size=1, max_size=3, unique=True))
                chosen = tuple(
                    Offer(item, draw(st.one_of(st.none(), st.none(), condition_of)), NOWHERE) for item in items
                )
                made.append(Stream(name, NOWHERE, chosen, draw(durations), draw(st.one_of(st.none(), condition_of))))
            case "branch":
                arms = tuple(Arm(draw(condition_of), draw(nested), NOWHERE) for _ in range(draw(st.integers(1, 2))))
                made.append(Branch(name, NOWHERE, arms, draw(nested)))
            case "split":
                arms = tuple(SplitArm(arm, draw(st.integers(1, 3)), draw(nested), NOWHERE) for arm in ("a", "b"))
                made.append(Split(name, NOWHERE, f"split-{namer.count}", arms))
            case "wait_for":
                within = draw(st.one_of(st.none(), durations))
                since = draw(st.sampled_from(Since))
                made.append(WaitFor(name, NOWHERE, draw(condition_of), within, since, draw(nested), draw(nested)))
            case "set":
                tag = draw(st.sampled_from(TAGS))
                role = draw(st.sampled_from((None, "buyer", "user")))
                made.append(SetFacts(name, NOWHERE, (("role", role),), (tag,), tuple(t for t in TAGS if t != tag)))
            case "stage":
                made.append(MoveStage(name, NOWHERE, draw(st.sampled_from(STAGES))))
            case "exit":
                made.append(Exit(name, NOWHERE, "enough"))
    return tuple(made)


@st.composite
def campaigns(draw: st.DrawFn, name: str, *, changes: bool) -> Campaign:
    """A campaign; one without `changes` runs the same sequence in every stage."""
    namer = Namer()
    condition_of = expressions(own_facts=changes).map(condition)
    stages = ("early", "middle", ANY_STAGE) if changes else (ANY_STAGE,)
    sequences = tuple(Sequence(stage, draw(steps(stage, namer, changes=changes)), NOWHERE) for stage in stages)
    rules: list[CampaignRule] = []
    if changes:
        for number in range(draw(st.integers(0, 2))):
            effect = draw(st.sampled_from(("stage", "exit")))
            when = draw(happenings.map(condition))
            if effect == "stage":
                rules.append(CampaignRule(f"rule/{number}", NOWHERE, when, stage=draw(st.sampled_from(STAGES))))
            else:
                rules.append(CampaignRule(f"rule/{number}", NOWHERE, when, exit="ruled out"))
    again = draw(st.sampled_from(Again))
    pace = Pace(
        draw(st.one_of(st.none(), durations)),
        draw(st.one_of(st.none(), st.just(parse_window("Mon-Fri 08:00-18:00")))),
        draw(st.sampled_from((IfLate.SEND, IfLate.SKIP))),
        parse_duration("1 day"),
    )
    return Campaign(
        name=name, file=f"campaigns/{name}.yml", hash=name, span=NOWHERE, title=name, objective=Objective.NEW,
        priority=draw(st.integers(0, 3)), paused=draw(st.integers(0, 9)) == 0,
        enter=Enter(
            draw(condition_of), draw(st.booleans()), again,
            parse_duration("4 days") if again is Again.EVERY else None, NOWHERE,
        ),
        exit=draw(st.one_of(st.none(), st.none(), condition_of)),
        goal=draw(st.one_of(st.none(), st.none(), st.builds(lambda c: Goal(c, None), condition_of))),
        pace=pace, once=draw(st.sampled_from(Once)), on_unknown=OnUnknown.HOLD, sequences=sequences, rules=tuple(rules),
    )  # fmt: skip


def asset(name: str) -> Asset:
    """One asset; `two` and `three` are the same content, `four` is for buyers, `five` expires within the fortnight."""
    return Asset(
        name=name, file=f"templates/{name}.md", hash=name, span=NOWHERE, title=name, kind="article", stages=(),
        topics=(), roles=("buyer",) if name == "four" else (), channel="mail", subject=name, preheader="", link=None,
        expires=START + 6 * 86400 if name == "five" else None, variant_of="two" if name == "three" else None,
        format=BodyFormat.MARKDOWN, body="", body_line=1,
    )  # fmt: skip


def config(rates: tuple[Rate, ...]) -> Config:
    return Config(
        name="test", file="nurture.yml", hash="", zone="Europe/Berlin",
        sender=Sender("T", "t@t.example", None, "Street", None, None), stages=STAGES, events=frozenset(), fields={},
        segments=dict[str, Segment](), limits=Limits(rates, 1000, 3),
        channels={"mail": Channel("mail", Outbox(), None, None, (), NOWHERE)},
        closed=frozenset({"2026-03-31"}), funnel=Funnel(tuple(Stage(stage, NOWHERE) for stage in STAGES)),
    )  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """An event of a contact, before the run of half-day `when`."""

    when: int
    contact: int
    kind: str
    asset: str


@dataclass(frozen=True)
class Person:
    """A contact who appears before the run of half-day `when`."""

    when: int
    stage: str
    zone: str | None
    role: str | None
    consent: str


@dataclass(frozen=True)
class Story:
    """Campaigns, people, and what they do; `runs` are the half-days on which there is a run."""

    config: Config
    campaigns: dict[str, Campaign]
    assets: dict[str, Asset]
    people: tuple[Person, ...]
    happenings: tuple[Happening, ...]
    runs: tuple[int, ...]


@st.composite
def stories(draw: st.DrawFn, most_halves: int = 24) -> Story:
    """A world and what happens in it."""
    people = draw(
        st.lists(
            st.builds(
                Person,
                st.sampled_from((0, 0, 1, 2, 5)),
                st.sampled_from(STAGES),
                st.sampled_from(ZONES),
                st.sampled_from(ROLES),
                st.sampled_from(("express", "express", "implied", "unknown")),
            ),
            min_size=1,
            max_size=4,
        )
    )
    happened = draw(
        st.lists(
            st.builds(
                Happening,
                st.integers(0, most_halves - 1),
                st.integers(1, len(people)),
                st.sampled_from(KINDS),
                st.sampled_from(("", *ASSETS)),
            ),
            max_size=14,
        )
    )
    made = [draw(campaigns("alpha", changes=True)), draw(campaigns("beta", changes=False))]
    rates = draw(st.sampled_from(((), (Rate(1, 86400),), (Rate(1, 86400), Rate(3, 604800)))))
    skipped = draw(st.sets(st.integers(1, most_halves - 1), max_size=most_halves // 2))
    return Story(
        config(rates),
        {campaign.name: campaign for campaign in made},
        {name: asset(name) for name in ASSETS},
        tuple(sorted(people, key=lambda person: person.when)),  # ids are given in the order of appearance
        tuple(happened),
        tuple(half for half in range(most_halves) if half not in skipped),
    )
