"""Random funnels and what happens in them: responses, answers of Sales, moves by hand, campaigns that hand over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from nurture_cli.campaign.funnel import (
    Agreement,
    BackEdge,
    FitRule,
    Funnel,
    Grades,
    Interest,
    Sales,
    ScorePolicy,
    Signal,
    Stage,
    StageKind,
    Track,
)
from nurture_cli.campaign.model import (
    Again,
    Campaign,
    CampaignRule,
    Config,
    Enter,
    Handoff,
    MoveStage,
    Objective,
    OnReply,
    Rate,
    Sequence,
)
from nurture_cli.language.expression import (
    All,
    Among,
    Burst,
    CompanyPeople,
    Compare,
    Constant,
    Expression,
    Field,
    HasTag,
    Literal,
    Measure,
    MeasureName,
    Not,
    Operand,
    Responses,
    Touches,
    Type,
)
from nurture_cli.language.time_dependence import becomes_true_by_time
from nurture_cli.timing import parse_duration
from tests.reference.campaigns import (
    ASSETS,
    NOWHERE,
    ROLES,
    ZONES,
    Happening,
    Person,
    Story,
    asset,
    campaigns,
    condition,
    config,
    did,
)

DAY = 86400
STAGES = ("early", "recycled", "engaged", "gate", "wicket", "middle", "late", "lead", "mine", "customer")
KINDS = ("downloaded", "downloaded", "clicked", "visited", "visited", "replied", "purchased")
COMPANIES = (None, "One", "one ")
REASONS = ("no-budget", "not-now")


@dataclass(frozen=True)
class Answer:
    """What Sales, or a human with a stage in hand, says of a contact before the run of half-day `when`."""

    when: int
    contact: int
    verb: str
    what: str  # the reason, or the stage


@dataclass(frozen=True)
class FunnelStory:
    """A story with what humans say in it, and the company of each person."""

    story: Story
    companies: tuple[str | None, ...]
    answers: tuple[Answer, ...]


def _number(operand: Operand, op: str, number: int) -> Expression:
    return Compare(op, operand, Literal(number, Type.NUMBER, NOWHERE), NOWHERE)


def measure(name: str) -> Measure:
    return Measure(MeasureName(name), NOWHERE)


_windows = st.sampled_from((None, 3 * DAY))
simple: st.SearchStrategy[Expression] = st.one_of(
    st.builds(lambda number: _number(measure("interest"), ">=", number), st.sampled_from((2, 5, 9, 15, 25))),
    st.builds(lambda number: _number(measure("company_interest"), ">=", number), st.sampled_from((5, 15, 30))),
    st.builds(lambda within: _number(CompanyPeople(within, NOWHERE), ">=", 2), _windows),
    st.builds(lambda within, n: _number(Responses(within, None, NOWHERE), ">=", n), _windows, st.integers(1, 3)),
    st.just(_number(measure("fit"), ">=", 30)),
    st.just(_number(Touches(None, NOWHERE), ">=", 1)),
    st.builds(did, st.sampled_from(("downloaded", "clicked"))),
    st.builds(
        lambda names: Among(measure("grade"), tuple(Literal(n, Type.TEXT, NOWHERE) for n in names), NOWHERE),
        st.sampled_from((("A1", "A2"), ("A1", "B1", "C1"), ("C3",))),
    ),
    st.just(Compare("!=", measure("furthest_stage"), Literal("lead", Type.TEXT, NOWHERE), NOWHERE)),
)
criteria: st.SearchStrategy[Expression] = st.one_of(
    simple,
    simple,
    st.builds(lambda *parts: All(parts, NOWHERE), simple, simple),
    st.builds(lambda body: Not(body, NOWHERE), simple),
)


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    """Stages with two gates in a row, a hand-off, ways back; scores; one or two signals."""

    def maybe(chance: int) -> Expression | None:
        return draw(criteria) if draw(st.integers(1, 3)) <= chance else None

    def stage(name: str, body: Expression | None, **more: object) -> Stage:
        return Stage(name, NOWHERE, None if body is None else condition(body), **more)  # type: ignore[arg-type]

    back = tuple(BackEdge(to, (reason,), NOWHERE) for to, reason in zip(("recycled", "early"), REASONS, strict=True))
    stages = (
        stage("early", None),
        stage("recycled", None),
        stage("engaged", maybe(2)),
        stage("gate", draw(criteria), kind=StageKind.GATE),
        stage("wicket", draw(criteria), kind=draw(st.sampled_from(StageKind))),
        stage("middle", maybe(2)),
        stage("late", maybe(1)),
        stage("lead", draw(simple), handoff=True, back=back),
        stage("mine", None, back=back[:1]),
        stage("customer", did("purchased")),
    )
    kinds = ("downloaded", "clicked", "visited", "replied")
    half_life = draw(st.sampled_from((DAY + 7, 10 * DAY + 7)))
    rules = Interest(half_life, dict(zip(kinds, (8, 5, 2, 20), strict=True)), dict.fromkeys(kinds, 2), {"buyer": 2.0})
    buyer = Compare("==", Field("role", Type.TEXT, True, NOWHERE), Literal("buyer", Type.TEXT, NOWHERE), NOWHERE)
    tracks = tuple(
        Track(
            reason,
            draw(st.none() | st.sampled_from(("2 days", "4 days")).map(parse_duration)),
            draw(st.sampled_from((None, "warm"))),
            draw(st.sampled_from(ScorePolicy)),
            NOWHERE,
            NOWHERE,
        )
        for reason in REASONS
    )
    watched = st.one_of(
        st.just(Burst(1, 2 * DAY, 2 * DAY, NOWHERE)),
        st.just(Burst(2, 3 * DAY, DAY, NOWHERE)),
        st.just(_number(measure("interest"), ">=", 9)),
        st.just(_number(CompanyPeople(3 * DAY, NOWHERE), ">=", 2)),
    )
    radar = tuple(
        Signal(
            name,
            condition(draw(watched)),
            draw(st.sampled_from((None, "engaged", "gate", "lead"))),
            "Call them",
            draw(st.sampled_from((DAY, 4 * DAY))),
            NOWHERE,
        )
        for name in draw(st.sampled_from(((), ("woke",), ("woke", "warm"))))
    )
    return Funnel(
        stages,
        rules,
        Grades((40, 10), (15, 5)),
        draw(st.sampled_from(((), (FitRule(condition(buyer), 40, NOWHERE),)))),
        Agreement("3", "2026-01-01", ("Mara",)),
        Sales("mail", None, None, "mine", "customer", NOWHERE),
        tracks,
        radar,
    )


of_company = st.one_of(
    st.builds(lambda within: _number(CompanyPeople(within, NOWHERE), ">=", 2), _windows),
    st.builds(lambda number: _number(measure("company_interest"), ">=", number), st.sampled_from((5, 15, 30))),
)


@st.composite
def _asks_about_colleagues(draw: st.DrawFn, campaign: Campaign) -> Campaign:
    """A campaign in which, perhaps, something rests on what others of the company do."""
    asked = condition(draw(of_company))
    match draw(st.sampled_from(("", "enter", "exit", "rule"))):
        case "enter":
            return replace(campaign, enter=replace(campaign.enter, condition=asked))
        case "exit":
            return replace(campaign, exit=asked)
        case "rule":
            return replace(campaign, rules=(CampaignRule("rule/of-company", NOWHERE, asked, exit="busy"),))
        case _:
            return campaign


@st.composite
def _campaigns(draw: st.DrawFn, name: str, *, changes: bool = False) -> Campaign:
    """A campaign that nobody leaves by the passing of time alone: whoever is held would be looked at only later."""
    made = draw(campaigns(name, changes=changes))
    stays = made.exit is None or not becomes_true_by_time(made.exit.body)
    lasts = made.goal is None or not becomes_true_by_time(made.goal.condition.body)
    often = st.sampled_from((did("downloaded"), did("visited"), Constant(True, NOWHERE)))
    when = draw(often.map(condition)) if draw(st.booleans()) else made.enter.condition
    enter = replace(made.enter, condition=when, backfill=True)
    made = replace(made, enter=enter, exit=made.exit if stays else None, goal=made.goal if lasts else None)
    return draw(_asks_about_colleagues(made))


@st.composite
def _handing(draw: st.DrawFn, campaign: Campaign) -> Campaign:
    """A campaign in which, perhaps, a step hands over or moves to the stage that does."""
    name = campaign.sequences[-1].stage
    extra = draw(
        st.sampled_from(
            (
                None,
                Handoff(f"{name}/handoff", NOWHERE),
                MoveStage(f"{name}/to-lead", NOWHERE, "lead"),
            )
        )
    )
    if extra is None:
        return campaign
    last = campaign.sequences[-1]
    at = draw(st.integers(0, min(2, len(last.steps))))
    longer = Sequence(last.stage, (*last.steps[:at], extra, *last.steps[at:]), last.span)
    return replace(campaign, sequences=(*campaign.sequences[:-1], longer))


@st.composite
def funnel_stories(draw: st.DrawFn, most_halves: int = 20) -> FunnelStory:
    """A world with a funnel, and what happens in it."""
    funnel = draw(funnels())
    some: Config = config(draw(st.sampled_from(((), (Rate(1, DAY),)))))
    count = draw(st.integers(1, 3))
    people = _people(draw, count)
    happened = draw(
        st.lists(
            st.builds(
                Happening,
                st.integers(0, most_halves - 1),
                st.integers(1, count),
                st.sampled_from(KINDS),
                st.sampled_from(("", *ASSETS)),
            ),
            min_size=6,
            max_size=20,
        )
    )
    answers = draw(
        st.lists(
            st.builds(
                Answer,
                st.integers(1, most_halves - 1),
                st.integers(1, count),
                st.sampled_from(("accept", "accept", "reject", "reject", "reject", "lost", "won", "stage")),
                st.sampled_from(REASONS),
            ),
            min_size=6,
            max_size=20,
        )
    )
    answers = [replace(one, what=draw(st.sampled_from(STAGES))) if one.verb == "stage" else one for one in answers]
    alpha = draw(_handing(draw(_campaigns("alpha", changes=True))))
    beta = replace(
        draw(_campaigns("beta")),
        objective=draw(st.sampled_from((Objective.NEW, Objective.KNOWN))),
        with_sales=draw(st.booleans()),
        on_reply=draw(st.sampled_from(OnReply)),
    )
    never = Enter(condition(HasTag("never", NOWHERE)), True, Again.NEVER, None, NOWHERE)
    warm = replace(draw(_campaigns("warm")), enter=never, objective=Objective.KNOWN, paused=False)
    bought = Compare("==", Field("stage", Type.TEXT, True, NOWHERE), Literal("customer", Type.TEXT, NOWHERE), NOWHERE)
    thanks = replace(
        draw(_campaigns("thanks")),
        enter=Enter(condition(bought), True, Again.NEVER, None, NOWHERE),
        objective=Objective.CUSTOMERS,
    )
    skipped = draw(st.sets(st.integers(1, most_halves - 1), max_size=most_halves // 2))
    story = Story(
        replace(some, stages=STAGES, funnel=funnel),
        {one.name: one for one in (alpha, beta, warm, thanks)},
        {name: asset(name) for name in ASSETS},
        tuple(people),
        tuple(happened),
        tuple(half for half in range(most_halves) if half not in skipped),
    )
    companies = tuple(draw(st.sampled_from(COMPANIES)) for _ in people)
    return FunnelStory(story, companies, tuple(answers))


def _people(draw: st.DrawFn, count: int) -> list[Person]:
    made = [
        Person(
            draw(st.sampled_from((0, 0, 1, 4))),
            draw(st.sampled_from(("early", "early", "engaged", "gate", "lead"))),
            draw(st.sampled_from(ZONES)),
            draw(st.sampled_from((*ROLES, "buyer"))),
            "express",
        )
        for _ in range(count)
    ]
    return sorted(made, key=lambda person: person.when)
