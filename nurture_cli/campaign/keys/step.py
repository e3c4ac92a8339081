"""The keys of steps, each declared once; the first key of a step is its verb."""

from __future__ import annotations

from nurture_cli.campaign.keys.blocks import Block, Inside, Key
from nurture_cli.campaign.keys.kinds import (
    Choice,
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
from nurture_cli.campaign.keys.notations import parse_within
from nurture_cli.campaign.model import Since, Verb
from nurture_cli.language.names import NameKind
from nurture_cli.text.nodes import ListNode, MapNode
from nurture_cli.timing import parse_duration

DURATION = Written("a length of time such as `3 days`", "bad-duration", parse_duration)
WITHIN = Written("a length of time such as `5 days`, or `forever`", "bad-duration", parse_within)
ASSET_NAME = Reference(NameKind.ASSET)
STAGE_NAME = Reference(NameKind.STAGE)
STEP_NAME = Text(most=200)
TAGS = ListOf(Text(most=64), single=True)


def _steps() -> JsonSchema:
    return {"$ref": "#/definitions/steps"}


STEPS = Raw("a list of steps", ListNode, _steps)

SEND = Block(
    "a send step",
    "send",
    "Send one asset to the contact, over the asset's channel.",
    (Key(Verb.SEND, ASSET_NAME, "The asset to send.", "send: why-zero-trust", required=True),),
)
WAIT = Block(
    "a wait step",
    "wait",
    "Wait for a time after the previous step really happened.",
    (
        Key(
            Verb.WAIT,
            DURATION,
            "How long: days are calendar days at the contact's local hour, hours are elapsed time.",
            "wait: 3 days",
            required=True,
        ),
    ),
)
WAIT_FOR = Block(
    "a wait_for step",
    "wait_for",
    "Wait until a condition is met or the time is up; whichever comes first decides, once.",
    (
        Key(Verb.WAIT_FOR, When(), "The condition to wait for.", 'wait_for: clicked("why-zero-trust")', required=True),
        Key("within", WITHIN, "The longest wait, or `forever`.", "within: 5 days", required=True),
        Key(
            "since",
            Choice(tuple(Since)),
            "Which events count: all, those since the contact entered the campaign, or since it arrived at this step.",
            "since: arrival",
            default=Since.EVER,
        ),
        Key(
            "then",
            STEPS,
            "Steps for contacts who met the condition in time.",
            "then: [{send: case-study}]",
            default=(),
            without="none",
        ),
        Key(
            "else",
            STEPS,
            "Steps for contacts whose time ran out.",
            "else: [{send: checklist}]",
            default=(),
            without="none",
        ),
    ),
)
STREAM_ITEM = Block(
    "an item of a stream",
    "item of a stream",
    "One asset of a stream with a condition; if it needs no condition, write just its name.",
    (
        Key("send", ASSET_NAME, "The asset.", "send: roi-model", required=True),
        Key("if", When(), "Which contacts may get it; others get the next item.", 'if: role == "decision-maker"'),
    ),
)


def _stream_items() -> JsonSchema:
    return {"type": "array", "minItems": 1, "items": {"anyOf": [ASSET_NAME.json(), STREAM_ITEM.json()]}}


STREAM = Block(
    "a stream step",
    "stream",
    "At each turn send the first asset that is new to the contact, has not expired, and whose `if` holds.",
    (
        Key(
            Verb.STREAM,
            Raw("a list of assets", ListNode, _stream_items),
            "The assets in order: names, or `{send: …, if: …}`.",
            "stream: [white-paper, roi-model, webinar]",
            required=True,
        ),
        Key("every", DURATION, "The time between two turns.", "every: 4 business days", required=True),
        Key("until", When(), "Leave the stream as soon as this holds.", 'until: clicked("pricing")'),
    ),
)
ARM = Block(
    "an arm of a branch",
    "arm of a branch",
    "One way out of a branch; contacts take the first whose condition holds.",
    (
        Key("if", When(), "Which contacts go this way.", 'if: role == "decision-maker"', required=True),
        Key("then", STEPS, "The steps of this way.", "then: [{send: business-case}]", required=True),
    ),
)
ELSE = Block(
    "the else of a branch",
    "else of a branch",
    "The way for everybody else; it is required as the last item, even if it is `[]`.",
    (Key("else", STEPS, "The steps of this way.", "else: [{send: architecture-guide}]", required=True),),
)


def _arms() -> JsonSchema:
    return {"type": "array", "minItems": 2, "items": {"anyOf": [ARM.json(), ELSE.json()]}}


BRANCH = Block(
    "a branch step",
    "branch",
    "Decide once, by conditions in file order, and remember the decision.",
    (
        Key(
            Verb.BRANCH,
            Raw("a list of `if`/`then` items with an `else` at the end", ListNode, _arms),
            "The ways: items with `if` and `then`, and one `else` at the end.",
            'branch: [{if: role == "user", then: []}, {else: []}]',
            required=True,
        ),
    ),
)
SPLIT_ARM = Block(
    "an arm of a split",
    "arm of a split",
    "One arm of a split.",
    (
        Key("weight", Whole(1, 1_000), "Its share, compared with the other arms.", "weight: 50", required=True),
        Key("then", STEPS, "The steps of this arm.", "then: [{send: case-study}]", default=(), without="none"),
    ),
)
SPLIT_PLAN = Block(
    "a split",
    "split",
    "Name and arms of a split.",
    (
        Key(
            "name",
            Name(),
            "The name of the split; a new name divides the contacts again.",
            "name: subject-line",
            required=True,
        ),
        Key(
            "arms",
            MapOf(Name(), Inside(SPLIT_ARM), "an arm"),
            "The arms, by name.",
            "arms: {plain: {weight: 50}, blunt: {weight: 50}}",
            required=True,
        ),
    ),
)
SPLIT = Block(
    "a split step",
    "split",
    "Divide the contacts by a stable hash of contact and name; every contact stays in one arm.",
    (
        Key(
            Verb.SPLIT,
            Inside(SPLIT_PLAN),
            "Name and arms.",
            "split: {name: subject-line, arms: {plain: {weight: 50}, blunt: {weight: 50}}}",
            required=True,
        ),
    ),
)


def _set() -> JsonSchema:
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "tag": {**TAGS.json(), "description": "A tag to add, or a list of them."},
            "untag": {**TAGS.json(), "description": "A tag to remove, or a list of them."},
        },
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    }


SET = Block(
    "a set step",
    "set",
    "Set fields of the contact, add tags (`tag`) and remove them (`untag`).",
    (
        Key(
            Verb.SET,
            Raw("a mapping of fields to values", MapNode, _set),
            "Fields with their new values (nothing after the colon clears one), `tag` and `untag`.",
            "set: {topic: zero-trust, tag: warm}",
            required=True,
        ),
    ),
)
STAGE = Block(
    "a stage step",
    "stage",
    "Move the contact forward to a buyer stage; a contact who is there or further stays.",
    (Key(Verb.STAGE, STAGE_NAME, "The stage.", "stage: consideration", required=True),),
)
GOTO = Block(
    "a goto step",
    "goto",
    "Go on at another step of this campaign.",
    (Key(Verb.GOTO, STEP_NAME, "The step, by its id or label.", "goto: comparison", required=True),),
)
EXIT_STEP = Block(
    "an exit step",
    "exit",
    "Leave the campaign.",
    (Key(Verb.EXIT, Text(most=100), "The reason, in a few words.", "exit: not a fit", required=True),),
)
HANDOFF = Block(
    "a handoff step",
    "handoff",
    "Hand the contact to Sales, once, with its whole story; nurturing stops in every campaign.",
    (Key(Verb.HANDOFF, Choice(("sales",)), "Who gets the contact.", "handoff: sales", required=True),),
)

_ID = Key(
    "id",
    Name(),
    "Your own name for this step, so that it keeps its identity when you edit around it.",
    "id: second-reminder",
    without="made from what the step does",
)


def _block(verb: Verb) -> Block:
    """The keys of one kind of step."""
    match verb:
        case Verb.SEND:
            return SEND
        case Verb.WAIT:
            return WAIT
        case Verb.WAIT_FOR:
            return WAIT_FOR
        case Verb.STREAM:
            return STREAM
        case Verb.BRANCH:
            return BRANCH
        case Verb.SPLIT:
            return SPLIT
        case Verb.SET:
            return SET
        case Verb.STAGE:
            return STAGE
        case Verb.GOTO:
            return GOTO
        case Verb.EXIT:
            return EXIT_STEP
        case Verb.HANDOFF:
            return HANDOFF


def _with_id(block: Block) -> Block:
    return Block(block.name, block.title, block.sentence, (*block.keys, _ID))


VERBS = {verb: _with_id(_block(verb)) for verb in Verb}
