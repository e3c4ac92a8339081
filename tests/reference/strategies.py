"""Random well-typed conditions, and random contacts with a past, in which every edge comes up often.

Instants are drawn around the instant of the question and the lengths that conditions look back, give or take a
second; texts and names from small pools, so that things meet.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from nurture_cli.campaign.funnel import FitRule, Funnel, Grades, Interest, ScorePolicy, Stage
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
    Condition,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    Field,
    HasTag,
    InSegment,
    Literal,
    Measure,
    MeasureName,
    Missing,
    Not,
    Operand,
    Received,
    Responses,
    Touches,
    Truth,
    Type,
)
from nurture_cli.records import CORE_TEXT_FIELDS, Contact, Event, Value
from nurture_cli.text.diagnostic import Span
from tests.reference.conditions import DAY, Facts, Question, Recycled, Scores, Touched, holds

NOWHERE = Span("nurture.yml", 1, 1, 2)
NOW = 1772528400  # 2026-03-03 09:00 UTC
KINDS = ("clicked", "downloaded", "visited", "webinar")
FAMILY_OF = {"ebook": "ebook", "ebook-short": "ebook", "ebook-bold": "ebook", "guide": "guide"}
ASSETS = tuple(FAMILY_OF)
TAGS = ("vip", "VIP", "partner", "it's")
STAGES = ("awareness", "lead", "customer")
CUSTOM = {
    "score": Type.NUMBER,
    "employees": Type.NUMBER,
    "champion": Type.BOOLEAN,
    "churned": Type.BOOLEAN,
    "renewal": Type.DATE,
    "born": Type.DATE,
    "note": Type.TEXT,
}
LENGTHS = (1, 3600, DAY, 3 * DAY, 30 * DAY)
STATES = ("planned", "claimed", "committing", "sent", "failed", "skipped", "unknown")

texts = st.sampled_from(
    ["", "a", "A", "b", "ab", "lead", "CISO", "ciso", "ä", "a\u0308", "İ", "😀", "\uffff", "it's", "a%", "a_b", "1",
     "1.0", "01", "NULL", "None", "true", "$.\"x\"", "a\tb"]
)  # fmt: skip
numbers = (
    st.integers(-3, 3)
    | st.sampled_from([0.0, 0.5, -0.5, 1.0, 2.5, 0.1, 1e15, 9007199254740993, -9007199254740993, 9007199254740992.0])
    | st.integers(-100_000, 100_000).map(lambda cents: cents / 100)
)
dates = st.sampled_from(
    ["2026-03-03", "2026-03-02", "2026-03-04", "2024-02-29", "2026-02-28", "1899-12-31", "2199-01-01", "2026-12-31"]
)
OF_TYPE: dict[Type, st.SearchStrategy[Value]] = {
    Type.TEXT: texts,
    Type.NUMBER: numbers,
    Type.BOOLEAN: st.booleans(),
    Type.DATE: dates,
}

FIELDS = [Field(name, Type.TEXT, True, NOWHERE) for name in CORE_TEXT_FIELDS] + [
    Field(name, kind, False, NOWHERE) for name, kind in CUSTOM.items()
]


def instants(around: int = NOW) -> st.SearchStrategy[int]:
    """Around an instant: itself, the edges of every length that is looked back, the midnights, a second off each."""
    edges = [0, *(-length for length in LENGTHS), DAY, -2 * DAY, -9 * 3600, 15 * 3600]
    return st.builds(lambda edge, off: around + edge + off, st.sampled_from(edges), st.integers(-1, 1))


def fields(kind: Type) -> st.SearchStrategy[Field]:
    """A field of the type."""
    return st.sampled_from([field for field in FIELDS if field.type is kind])


def literals(kind: Type) -> st.SearchStrategy[Literal]:
    """A constant of the type."""
    return OF_TYPE[kind].map(lambda value: Literal(value, kind, NOWHERE))


some_asset = st.none() | st.sampled_from(ASSETS)
lengths = st.none() | st.sampled_from(LENGTHS)
counted = (
    st.builds(DaysSince, st.sampled_from(KINDS), some_asset, st.just(NOWHERE))
    | st.builds(DaysUntil, fields(Type.DATE), st.just(NOWHERE))
    | st.builds(Touches, lengths, st.just(NOWHERE))
)


# A burst looks back over two lengths; with these its edges meet those at which things happen.
bursts = st.builds(
    Burst,
    times=st.integers(1, 3),
    within=st.sampled_from(LENGTHS),
    after=st.sampled_from((DAY, 3 * DAY, 27 * DAY)),
    span=st.just(NOWHERE),
)
counted_responses = st.builds(Responses, lengths, st.none() | st.sampled_from(STAGES), st.just(NOWHERE)) | st.builds(
    CompanyPeople, lengths, st.just(NOWHERE)
)
MEASURED = {
    kind: st.sampled_from([Measure(one, NOWHERE) for one in MeasureName if one.gives is kind])
    for kind in (Type.NUMBER, Type.TEXT)
}
grades = st.sampled_from([letter + digit for letter in "ABC" for digit in "123"])


def operands(kind: Type) -> st.SearchStrategy[Operand]:
    """One side of a comparison."""
    return known(kind) | literals(kind)


def known(kind: Type) -> st.SearchStrategy[Operand]:
    """A fact of the type: something about the contact, not a constant."""
    of_type: st.SearchStrategy[Operand] = fields(kind)
    if kind in MEASURED:
        of_type = of_type | MEASURED[kind]
    return of_type | counted | counted_responses if kind is Type.NUMBER else of_type


@st.composite
def measurements(draw: st.DrawFn) -> Expression:
    """A comparison of something that is worked out, with what it often is."""
    measured = draw(MEASURED[Type.NUMBER] | MEASURED[Type.TEXT] | counted_responses)
    if isinstance(measured, Measure) and measured.type is Type.TEXT:
        pool = grades if measured.name == "grade" else st.sampled_from(STAGES)
        choices = draw(st.lists(pool.map(lambda one: Literal(one, Type.TEXT, NOWHERE)), min_size=1, max_size=4))
        if draw(st.booleans()):
            return Among(measured, tuple(choices), NOWHERE)
        sides = draw(st.permutations([measured, choices[0]]))
        return Compare(draw(st.sampled_from(["==", "!="])), *sides, NOWHERE)
    sides = draw(st.permutations([measured, Literal(draw(st.integers(0, 30)), Type.NUMBER, NOWHERE)]))
    return Compare(draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="])), *sides, NOWHERE)


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    """Two sides of one type; booleans are not ordered."""
    kind = draw(st.sampled_from(Type))
    ops = ["==", "!="] if kind is Type.BOOLEAN else ["==", "!=", "<", "<=", ">", ">="]
    return Compare(draw(st.sampled_from(ops)), draw(operands(kind)), draw(operands(kind)), NOWHERE)


@st.composite
def memberships(draw: st.DrawFn) -> Among:
    """A list of constants of the type of what is looked for in it."""
    kind = draw(st.sampled_from(Type))
    choices = draw(st.lists(literals(kind), min_size=1, max_size=4))
    return Among(draw(known(kind)), tuple(choices), NOWHERE)


deeds = st.builds(
    Did,
    kind=st.sampled_from(KINDS),
    asset=some_asset,
    within=lengths,
    times=st.integers(1, 3),
    since=st.none() | instants(),
    span=st.just(NOWHERE),
)
leaves: st.SearchStrategy[Expression] = (
    comparisons()
    | measurements()
    | bursts
    | memberships()
    | deeds
    | st.builds(Contains, texts.filter(bool), fields(Type.TEXT), st.just(NOWHERE))
    | st.builds(Missing, st.sampled_from(FIELDS) | counted, st.just(NOWHERE))
    | st.builds(Truth, fields(Type.BOOLEAN), st.just(NOWHERE))
    | st.builds(Constant, st.booleans(), st.just(NOWHERE))
    | st.builds(Received, st.sampled_from(ASSETS), st.just(NOWHERE))
    | st.builds(HasTag, st.sampled_from(TAGS), st.just(NOWHERE))
)


def _grow(smaller: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(smaller, min_size=2, max_size=4).map(tuple)
    return (
        st.builds(All, several, st.just(NOWHERE))
        | st.builds(Any, several, st.just(NOWHERE))
        | st.builds(Not, smaller, st.just(NOWHERE))
        | st.builds(InSegment, st.just("regulars"), smaller, st.just(NOWHERE))
    )


expressions: st.SearchStrategy[Expression] = st.recursive(leaves, _grow, max_leaves=8)
# Much about scores.
measured: st.SearchStrategy[Expression] = st.recursive(measurements() | bursts, _grow, max_leaves=3)
# Nothing about bursts; much about what time changes.
unburst: st.SearchStrategy[Expression] = st.recursive(measurements() | comparisons() | deeds, _grow, max_leaves=4)
questions = st.builds(Question, ceiling=instants(), floor=st.none() | instants(), events=st.booleans())


@st.composite
def contacts(draw: st.DrawFn, number: int) -> Contact:
    """A contact of whom much is missing."""
    some = {name: draw(st.none() | texts) for name in CORE_TEXT_FIELDS if name not in ("email", "stage", "consent")}
    some["company"] = draw(st.none() | st.sampled_from(["a", " A ", "a", "", "  ", "Ä", "ä", "b"]))
    some["role"] = draw(st.none() | texts | st.sampled_from(["ciso", "a"]))
    custom = {name: draw(OF_TYPE[kind]) for name, kind in CUSTOM.items() if draw(st.booleans())}
    return Contact(
        id=number,
        email=f"c{number}@example.org",
        address_hash=number.to_bytes(16, "big"),
        stage=draw(st.sampled_from(STAGES)),
        furthest_stage=draw(st.sampled_from(("", *STAGES))),
        stage_at=NOW,
        consent=draw(st.sampled_from(["express", "implied", "unknown", "withdrawn"])),
        fields=custom,
        tags=draw(st.frozensets(st.sampled_from(TAGS), max_size=2)),
        **some,
    )


@dataclass(frozen=True, slots=True)
class People:
    """Some contacts and all that happened."""

    contacts: tuple[Contact, ...]
    events: tuple[Event, ...]
    touches: tuple[Touched, ...]
    recycled: tuple[Recycled, ...]
    funnel: Funnel

    def facts(self, contact: Contact) -> Facts:
        """All that is known, seen from one contact."""
        fit = {
            one.id: sum(
                rule.points
                for rule in self.funnel.fit
                if holds(rule.condition.body, Facts(one), Question(NOW, events=False))
            )
            for one in self.contacts
        }
        scores = Scores(self.funnel.interest, self.funnel.grades, ASSETS_OF, fit)
        return Facts(contact, self.events, self.touches, FAMILY_OF, self.contacts, self.recycled, scores)


# Which assets are written for which stage.
ASSETS_OF = {"lead": ("ebook", "guide"), "customer": ("guide",)}

# What a contact is, not what happened.
own_facts: st.SearchStrategy[Expression] = (
    st.builds(HasTag, st.sampled_from(TAGS), st.just(NOWHERE))
    | st.builds(Truth, fields(Type.BOOLEAN), st.just(NOWHERE))
    | st.builds(Missing, st.sampled_from(FIELDS), st.just(NOWHERE))
    | st.builds(Contains, texts.filter(bool), fields(Type.TEXT), st.just(NOWHERE))
)


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    """Rules of scores; without criteria."""
    points = draw(st.dictionaries(st.sampled_from(KINDS), st.sampled_from([1, 2, 5, 8, 20, 1000]), max_size=4))
    interest = Interest(
        draw(st.sampled_from([DAY + 1, 7 * DAY, 30 * DAY, 400 * DAY + 7])),
        points,
        {kind: draw(st.integers(1, 3)) for kind in points},
        draw(st.dictionaries(st.sampled_from(["ciso", "a", "it's"]), st.sampled_from([0.0, 0.3, 2.0]), max_size=2)),
    )
    fit = draw(
        st.lists(
            st.builds(
                FitRule,
                own_facts.map(lambda body: Condition("a rule", body, NOWHERE)),
                st.sampled_from([0, 10, 30, 60]),
                st.just(NOWHERE),
            ),
            max_size=3,
        )
    )
    grades = Grades(draw(st.sampled_from([(60, 30), (10, 0)])), draw(st.sampled_from([(50, 15), (8, 3)])))
    return Funnel(tuple(Stage(name, NOWHERE) for name in STAGES), interest, grades, tuple(fit))


@st.composite
def people(draw: st.DrawFn, most: int = 3) -> People:
    """Contacts 1, 2, … with events and touches, in no order of time."""
    crowd = [draw(contacts(number)) for number in range(1, draw(st.integers(1, most)) + 1)]
    whose = st.integers(1, len(crowd))
    events = draw(
        st.lists(
            st.builds(
                Event,
                id=st.just(0),
                contact_id=whose,
                kind=st.sampled_from(KINDS),
                asset=st.sampled_from(("", *ASSETS)),
                at=instants(),
                source=st.just("test"),
                machine=st.sampled_from([False, False, False, True]),
            ),
            max_size=12,
        )
    )
    touches = draw(
        st.lists(
            st.builds(
                lambda contact_id, asset, at, state, reaches: Touched(
                    contact_id, asset, FAMILY_OF[asset], at, state, reaches
                ),
                whose,
                st.sampled_from(ASSETS),
                instants(),
                st.sampled_from((*STATES, "sent", "sent", "sent", "sent")),
                st.sampled_from([True, True, False]),
            ),
            max_size=8,
        )
    )
    recycled = draw(
        st.lists(st.builds(Recycled, whose, instants(), st.sampled_from(ScorePolicy)), max_size=2)
        if draw(st.integers(0, 3)) == 0
        else st.just([])
    )
    return People(tuple(crowd), tuple(events), tuple(touches), tuple(recycled), draw(funnels()))
