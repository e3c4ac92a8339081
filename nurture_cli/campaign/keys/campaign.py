"""The keys of a campaign file, each declared once."""

from __future__ import annotations

from dataclasses import replace

from nurture_cli.calendars import parse_window
from nurture_cli.campaign.keys.blocks import Block, Inside, Key
from nurture_cli.campaign.keys.kinds import Choice, JsonSchema, Name, Raw, Text, When, Whole, Written, YesNo
from nurture_cli.campaign.keys.notations import parse_again
from nurture_cli.campaign.keys.step import DURATION, STAGE_NAME, STEP_NAME, STEPS
from nurture_cli.campaign.model import IfLate, Objective, Once, OnReply, OnUnknown
from nurture_cli.text.nodes import ListNode, MapNode

WINDOW = Written("days and hours such as `Mon-Fri 09:00-17:00`", "bad-window", parse_window)

ENTER = Block(
    "`enter`",
    "enter",
    "Which contacts enter.",
    (
        Key(
            "when",
            When(),
            "Which contacts enter: all who meet this condition.",
            'when: did("downloaded", "ebook")',
            required=True,
        ),
        Key(
            "backfill",
            YesNo(),
            "Whether contacts who matched before the first run are included.",
            "backfill: false",
            required=True,
        ),
        Key(
            "again",
            Written("`never`, `always` or `every <length of time>`", "bad-duration", parse_again),
            "Whether a contact may enter again: never, each time they match again, or after a time.",
            "again: every 90 days",
            default="never",
        ),
    ),
)
EXIT = Block(
    "`exit`",
    "exit",
    "Contacts matching this leave at any step, and never enter.",
    (
        Key(
            "when",
            When(),
            "Contacts leave as soon as they meet this condition.",
            'when: stage in ["opportunity", "customer"]',
            required=True,
        ),
    ),
)
GOAL = Block(
    "`goal`",
    "goal",
    "What the campaign is for; contacts who reach it leave, and count as won.",
    (
        Key(
            "when",
            When(),
            "Condition that a contact must meet to reach the goal.",
            'when: stage == "lead"',
            required=True,
        ),
        Key(
            "within",
            replace(DURATION, without="no limit"),
            "A goal counts only if the contact reaches it this soon after entering.",
            "within: 60 days",
            without="no limit",
        ),
    ),
)
PACE = Block(
    "`pace`",
    "pace",
    "How often and when nurture may send.",
    (
        Key(
            "gap",
            replace(DURATION, without="no gap"),
            "The least time between two messages of this campaign.",
            "gap: 3 days",
            without="none",
        ),
        Key(
            "window",
            WINDOW,
            "When sending is allowed, in the contact's own zone.",
            "window: Mon-Fri 09:00-17:00",
            without="always",
        ),
        Key(
            "if_late",
            Choice(tuple(IfLate)),
            "What happens to a send that is overdue by more than `late_after`: send it now, skip it, or move it to its"
            " usual hour on the next day.",
            "if_late: shift",
            default=IfLate.SEND,
        ),
        Key(
            "late_after",
            DURATION,
            "How overdue a send must be to count as late.",
            "late_after: 2 days",
            default="1 day",
        ),
    ),
)
RULE = Block(
    "a rule",
    "rules",
    "nurture checks rules before every step, and the first match in file order wins; a rule has `if` and exactly one"
    " of `stage`, `goto`, `exit`.",
    (
        Key("if", When(), "Condition on which the rule acts.", 'if: did("requested_demo")', required=True),
        Key("stage", STAGE_NAME, "Move the contact forward to this stage.", "stage: decision"),
        Key("goto", STEP_NAME, "Go on at this step.", "goto: decision/comparison"),
        Key("exit", Text(most=100), "Leave the campaign with this reason.", "exit: bought elsewhere"),
        Key("id", Name(), "Your own name for this rule.", "id: hot", without="made from what the rule does"),
    ),
)
EFFECTS = ("stage", "goto", "exit")


def _rules() -> JsonSchema:
    one = {**RULE.json(), "oneOf": [{"required": [effect]} for effect in EFFECTS]}
    return {"type": "array", "items": one}


def _stages() -> JsonSchema:
    return {"type": "object", "minProperties": 1, "additionalProperties": STEPS.json()}


def _moved() -> JsonSchema:
    return {"type": "object", "additionalProperties": STEP_NAME.json()}


CAMPAIGN = Block(
    "a campaign",
    "campaign file",
    "One campaign: campaigns/<name>.yml.",
    (
        Key(
            "campaign",
            Name(),
            "The campaign's name: the same as that of its file.",
            "campaign: zero-trust",
            required=True,
        ),
        Key(
            "title",
            Text(),
            "Title of the campaign, for people.",
            "title: From the e-book to a first talk",
            without="its name",
        ),
        Key(
            "objective",
            Choice(tuple(Objective)),
            "Audience: new leads, existing contacts or customers.",
            "objective: new",
            default=Objective.NEW,
        ),
        Key(
            "priority",
            Whole(0, 100),
            "Which campaign goes first when a limit lets only one message through.",
            "priority: 60",
            default=50,
        ),
        Key(
            "once",
            Choice(tuple(Once)),
            "Where an asset is never sent twice to one contact: in all campaigns, in this one, in one pass through it,"
            " or nowhere.",
            "once: global",
            default=Once.GLOBAL,
        ),
        Key(
            "on_unknown",
            Choice(tuple(OnUnknown)),
            "What to do when delivery is uncertain: wait for a human, or send again.",
            "on_unknown: hold",
            default=OnUnknown.HOLD,
        ),
        Key(
            "paused",
            YesNo(),
            "While this is true, no contact enters and nothing is sent.",
            "paused: true",
            default=False,
        ),
        Key(
            "with_sales",
            YesNo(),
            "Whether the campaign goes on while the contact is with Sales; other campaigns stop at a hand-off.",
            "with_sales: true",
            default=False,
        ),
        Key(
            "on_reply",
            Choice(tuple(OnReply)),
            "What a reply does: nothing, or the contact leaves and you get a task to answer.",
            "on_reply: stop",
            default=OnReply.GO_ON,
        ),
        Key(
            "enter",
            Inside(ENTER),
            "Which contacts enter.",
            "enter: {when: 'tag(\"expo\")', backfill: false}",
            required=True,
        ),
        Key("exit", Inside(EXIT), "Which contacts leave, at any step.", 'exit: {when: stage == "customer"}'),
        Key("goal", Inside(GOAL), "What the campaign is for.", 'goal: {when: stage == "lead", within: 60 days}'),
        Key(
            "pace",
            Inside(PACE),
            "How often and when nurture may send.",
            "pace: {gap: 3 days, window: 'Mon-Fri 09:00-17:00'}",
        ),
        Key(
            "stages",
            Raw("a mapping from buyer stages (or `any`) to lists of steps", MapNode, _stages),
            "The steps for each buyer stage; `any` is for the stages that have none of their own.",
            "stages: {any: [{send: welcome}]}",
            required=True,
        ),
        Key(
            "rules",
            Raw("a list of rules", ListNode, _rules),
            "Shortcuts, which nurture checks before every step.",
            "rules: [{if: 'did(\"requested_demo\")', stage: decision}]",
            default=(),
            without="none",
        ),
        Key(
            "moved",
            Raw("a mapping from old step ids to present ones", MapNode, _moved),
            "Steps that got another id: old id to new id, so that no contact is stranded.",
            "moved: {awareness/old-mail: awareness/new-mail}",
            default=(),
            without="none",
        ),
    ),
)
