"""The keys of the funnel in nurture.yml, each declared once: stages, scores, hand-off, recycling, radar."""

from __future__ import annotations

from dataclasses import replace

from nurture_cli.campaign.channels import TASKS
from nurture_cli.campaign.funnel import Owner, ScorePolicy, StageKind
from nurture_cli.campaign.keys.blocks import Block, Inside, Key
from nurture_cli.campaign.keys.kinds import (
    Choice,
    DateText,
    JsonSchema,
    ListOf,
    MapOf,
    Name,
    Raw,
    Reference,
    Text,
    When,
    Whole,
    Written,
)
from nurture_cli.campaign.keys.notations import parse_address, parse_elapsed, parse_weight
from nurture_cli.language.names import NameKind, listed
from nurture_cli.text.nodes import ListNode, MapNode
from nurture_cli.timing import parse_duration

DURATION = Written("a length of time such as `3 days`", "bad-duration", parse_duration)
ELAPSED = Written("a length of time such as `30 days`, not in business days", "bad-duration", parse_elapsed)
POINTS = Whole(0, 1_000)
THRESHOLD = Whole(1, 100_000)
SALES = "sales"

BACK = Block(
    "a way back",
    "way back",
    "A way back to an earlier stage; a contact moves back only along a declared way, for one of its reasons.",
    (
        Key("to", Reference(NameKind.STAGE), "The earlier stage.", "to: recycled", required=True),
        Key("for", ListOf(Name(), least=1), "Reasons that allow this move.", "for: [no-budget]", required=True),
    ),
)


def _backs() -> JsonSchema:
    return {"type": "array", "items": BACK.json()}


STAGE = Block(
    "a stage",
    "stage of nurture.yml",
    "One buyer stage; if it needs no other keys, write just its name.",
    (
        Key("stage", Name(), "The name.", "stage: lead", required=True),
        Key(
            "when",
            When(),
            "The criteria: contacts in an earlier stage who meet them move here.",
            'when: grade in ["A1", "A2", "B1"] and touches() >= 3',
            without="no contact moves here by criteria",
        ),
        Key(
            "kind",
            Choice(tuple(StageKind)),
            "`inventory`: contacts may stay; `sla`: contacts must leave `within` a time; `gate`: contacts who meet the"
            " criteria go on to the next stage at once, and no others get past.",
            "kind: sla",
            default=StageKind.INVENTORY,
        ),
        Key("within", DURATION, "How long contacts may stay in a stage of kind `sla`.", "within: 5 business days"),
        Key("owner", Choice(tuple(Owner)), "Who is responsible for the contacts in this stage.", "owner: both"),
        Key(
            "handoff",
            Choice((SALES,)),
            "Contacts who arrive here are handed to Sales: nurturing stops, and a brief goes out.",
            "handoff: sales",
            without="nobody is handed over here",
        ),
        Key(
            "back",
            Raw("a list of ways back", ListNode, _backs),
            "The ways back from here.",
            "back: [{to: recycled, for: [no-budget, not-now]}]",
            without="there is no way back",
        ),
    ),
)


def stages_json() -> JsonSchema:
    """The list of stages as JSON Schema: names, or mappings with more keys."""
    return {"type": "array", "minItems": 1, "items": {"anyOf": [Name().json(), STAGE.json()]}}


STAGES = Raw("a list of stages", ListNode, stages_json)

AGREEMENT = Block(
    "`agreement`",
    "agreement",
    "What Marketing and Sales agreed on; every move by criteria records the version.",
    (
        Key("version", Text(most=40), "The version of the criteria.", "version: 2026-2", required=True),
        Key("date", DateText(), "Date from which it applies.", "date: 2026-10-01", required=True),
        Key(
            "agreed_by",
            ListOf(Text(most=100), least=1),
            "Who agreed, for Marketing and for Sales.",
            "agreed_by: [Mara Feld (Marketing), Jonas Weber (Sales)]",
            required=True,
        ),
    ),
)

FIT_RULE = Block(
    "a rule of `fit`",
    "rule of fit",
    "Points for a contact who matches the audience; looks at fields and tags, never at events.",
    (
        Key("if", When(), "Which contacts get the points.", 'if: role == "decision-maker"', required=True),
        Key("points", POINTS, "Number of points.", "points: 30", required=True),
    ),
)


def _fit() -> JsonSchema:
    return {"type": "array", "items": FIT_RULE.json()}


FIT = Raw("a list of `{if: …, points: …}`", ListNode, _fit)

_WEIGHT = Written("a number such as 1.5", "bad-number", parse_weight, number=True)
INTEREST = Block(
    "`interest`",
    "interest",
    "How responses count. Responses that nurture takes for a machine's never count.",
    (
        Key(
            "half_life",
            ELAPSED,
            "After this time a response counts half.",
            "half_life: 30 days",
            default="30 days",
        ),
        Key(
            "points",
            MapOf(Reference(NameKind.KIND), POINTS, "an event kind"),
            "Points by kind of event; a kind given here replaces its usual points, 0 switches it off.",
            "points: {clicked: 5, replied: 20}",
            default=(),
            without="visited 2, clicked 5, downloaded 8, registered 8, submitted 8, attended 12, referred 12,"
            " replied 20, inquired 25, requested 25, requested_demo 40; opens count nothing",
        ),
        Key(
            "per_day",
            MapOf(Reference(NameKind.KIND), Whole(1, 1_000), "an event kind"),
            "How many events of a kind count on one day (in UTC).",
            "per_day: {visited: 5}",
            default=(),
            without="2 of each kind",
        ),
        Key(
            "roles",
            MapOf(Text(most=64), _WEIGHT, "a role"),
            "How much the interest of a person in this role counts in that of the company.",
            "roles: {decision-maker: 2, user: 0.5}",
            default=(),
            without="1 for everybody",
        ),
    ),
)

_PAIR = ListOf(THRESHOLD, once=False, least=2)
GRADES = Block(
    "`grades`",
    "grades",
    "The matrix of fit (A, B, C) and interest (1, 2, 3), such as `A1` for the best of both.",
    (
        Key("fit", _PAIR, "The lowest fit for A, and for B.", "fit: [60, 30]", without="60 and 30"),
        Key("interest", _PAIR, "The lowest interest for 1, and for 2.", "interest: [50, 15]", without="50 and 15"),
    ),
)

SALES_BLOCK = Block(
    "`sales`",
    "sales",
    "How leads go to Sales, and what happens next.",
    (
        Key(
            "channel",
            Reference(NameKind.CHANNEL),
            "The channel that carries the brief; `task` makes it a to-do.",
            "channel: task",
            default=TASKS,
        ),
        Key(
            "to",
            Written("one e-mail address", "bad-address", parse_address),
            "The email address of Sales, for a channel that sends mail.",
            "to: sales@example.com",
        ),
        Key(
            "accept_within",
            replace(DURATION, without="no promise"),
            "How soon Sales has promised to answer a hand-off.",
            "accept_within: 2 business days",
        ),
        Key("accepted", Reference(NameKind.STAGE), "Stage of leads that Sales has accepted.", "accepted: sales-lead"),
        Key("won", Reference(NameKind.STAGE), "Stage of contacts who bought.", "won: customer"),
    ),
)

TRACK = Block(
    "a track",
    "track of recycling",
    "What follows when Sales returns a contact for a reason.",
    (
        Key(
            "rest",
            replace(DURATION, without="no rest"),
            "How long nothing is sent, unless the contact responds first.",
            "rest: 90 days",
            without="no rest",
        ),
        Key(
            "then",
            Reference(NameKind.CAMPAIGN),
            "The campaign that the contact enters then, whatever its `enter` says.",
            "then: keep-warm",
            without="whichever campaign lets the contact in",
        ),
        Key(
            "interest",
            Choice(tuple(ScorePolicy)),
            "What happens to the interest so far.",
            "interest: halve",
            default=ScorePolicy.KEEP,
        ),
    ),
)


def _tracks() -> JsonSchema:
    return {"type": "object", "additionalProperties": TRACK.json()}


RECYCLING = Raw("a mapping from reasons to what follows them", MapNode, _tracks)

SIGNAL = Block(
    "a signal of the radar",
    "signal of the radar",
    "A sign that a known contact has become active, and what follows.",
    (
        Key("signal", Name(), "The name.", "signal: back-after-silence", required=True),
        Key(
            "if",
            When(),
            "The condition to watch for.",
            'if: burst(times=3, within="7 days", after="60 days")',
            required=True,
        ),
        Key("stage", Reference(NameKind.STAGE), "Move the contact forward to this stage.", "stage: engaged"),
        Key("task", Text(most=200), "Make a to-do for you with this text.", "task: Call them"),
        Key(
            "quiet",
            ELAPSED,
            "How long the radar stays quiet about the same contact afterwards.",
            "quiet: 30 days",
            default="30 days",
        ),
    ),
)


def _signals() -> JsonSchema:
    return {"type": "array", "items": SIGNAL.json()}


RADAR = Raw("a list of signals", ListNode, _signals)


def _one(block: Block) -> Raw:
    return Raw(f"a mapping with the keys {listed(block.by_name)}", MapNode, block.json)


# The keys of nurture.yml for the funnel; `parse_funnel.py` reads them when all names are known.
FUNNEL_KEYS = (
    Key(
        "stages",
        STAGES,
        "The buyer stages in order; new contacts are in the first. A name alone, or a mapping with criteria and more.",
        "stages: [awareness, consideration, {stage: decision, when: interest >= 40}, customer]",
        without="awareness, name, recycled, engaged, target, lead, sales-lead, opportunity, customer",
    ),
    Key(
        "agreement",
        Inside(AGREEMENT),
        "Which version of the criteria holds, and who agreed.",
        "agreement: {version: 2026-2, date: 2026-10-01, agreed_by: [Mara Feld, Jonas Weber]}",
    ),
    Key(
        "fit",
        FIT,
        "How well a contact matches the audience: the sum of the points, which never fade.",
        'fit: [{if: role == "decision-maker", points: 30}]',
        without="no contact has any",
    ),
    Key(
        "interest",
        _one(INTEREST),
        "How much interest a contact shows: the points of its responses, halved again and again as time passes.",
        "interest: {half_life: 30 days, points: {clicked: 5}}",
        without="the usual points and half-life",
    ),
    Key(
        "grades",
        Inside(GRADES),
        "How much fit and interest a contact needs for each grade, A1 to C3.",
        "grades: {fit: [60, 30], interest: [50, 15]}",
    ),
    Key(
        "sales",
        _one(SALES_BLOCK),
        "How leads go to Sales.",
        "sales: {channel: task, accept_within: 2 business days, accepted: sales-lead, won: customer}",
        without="nobody is handed to Sales",
    ),
    Key(
        "recycling",
        RECYCLING,
        "What follows each reason for returning a contact.",
        "recycling: {no-budget: {rest: 90 days, then: keep-warm}}",
        without="none",
    ),
    Key(
        "radar",
        RADAR,
        "Signs that a known contact has become active; every run checks them. What happened before the project was set"
        " up, or more than a day before the contact was imported, moves contacts but makes no tasks.",
        'radar: [{signal: back, if: \'burst(times=3, within="7 days", after="60 days")\', task: Call them}]',
        without="none",
    ),
)
