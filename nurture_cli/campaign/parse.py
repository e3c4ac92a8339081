"""A campaign file: bytes -> `Campaign`, or everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from nurture_cli.campaign.keys.blocks import Values, defaults, read_block
from nurture_cli.campaign.keys.campaign import CAMPAIGN, EFFECTS, PACE, RULE
from nurture_cli.campaign.keys.kinds import NAME
from nurture_cli.campaign.keys.step import STEP_NAME, STEPS
from nurture_cli.campaign.model import (
    ANY_STAGE,
    Campaign,
    CampaignRule,
    Enter,
    Goal,
    Pace,
    Sequence,
)
from nurture_cli.campaign.raw_steps import Draft, every, name_steps, read_steps
from nurture_cli.campaign.steps import StepNames, build_steps
from nurture_cli.language.names import NameKind, Names
from nurture_cli.language.reading import Reading
from nurture_cli.text.decode import decode
from nurture_cli.text.diagnostic import Diagnostic, Span
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar, describe
from nurture_cli.text.source import MAX_ITEMS, read_yaml

MOST_STEPS = 1_000  # of one campaign
MOST_RENAMES = 100  # that are followed from one to the next


def parse_campaign(data: bytes, file: str, names: Names) -> tuple[Campaign | None, tuple[Diagnostic, ...]]:
    """The campaign in a file (its path within the project), bound to `names`; None when anything is wrong."""
    reading = Reading(names)
    root = read_root(data, file, reading, "a campaign", "`campaign:`, `enter:` and `stages:`")
    values = None if root is None else read_block(root, CAMPAIGN, reading, "", Span(file, 1, 1, 1))
    if values is None:
        return None, reading.diagnostics
    _check_name(values, file, reading)
    drafts = _sequences(values["stages"], reading)
    if not _few_enough(drafts, reading):
        return None, reading.diagnostics
    name_steps({stage: steps for stage, (_, steps) in drafts.items()}, reading)
    steps = StepNames({stage: steps for stage, (_, steps) in drafts.items()})
    sequences = tuple(
        Sequence(stage, build_steps(drafted, stage, steps, reading), span) for stage, (span, drafted) in drafts.items()
    )
    rules = _rules(values["rules"], steps, reading)
    moved = _moved(values["moved"], steps, reading)
    if not reading.sound:
        return None, reading.diagnostics
    campaign = Campaign(
        name=values["campaign"],
        file=file,
        hash=sha256(data).hexdigest(),
        span=values.place("campaign"),
        title=values["title"] or values["campaign"],
        objective=values["objective"],
        priority=values["priority"],
        paused=values["paused"],
        with_sales=values["with_sales"],
        on_reply=values["on_reply"],
        enter=_enter(values["enter"]),
        exit=values["exit"]["when"] if values["exit"] else None,
        goal=Goal(values["goal"]["when"], values["goal"]["within"]) if values["goal"] else None,
        pace=_pace(values["pace"] or defaults(PACE, values.span)),
        once=values["once"],
        on_unknown=values["on_unknown"],
        sequences=sequences,
        rules=rules,
        moved=moved,
        places=reading.places,
    )
    return campaign, reading.diagnostics


def read_root(data: bytes, file: str, reading: Reading, what: str, keys: str) -> MapNode | None:
    """The top-level mapping of a YAML file; None after saying why there is none."""
    text, found = decode(data, file)
    reading.add(found)
    if text is None:
        return None
    root, found = read_yaml(text, file, items=MAX_ITEMS)
    reading.add(found)
    if isinstance(root, MapNode):
        return root
    if not found:
        start = Span(file, 1, 1, 1)
        if root is None or (isinstance(root, Scalar) and root.value is None):
            reading.error("empty-file", start, f"This file is empty; it should hold {what}.", f"Begin with {keys}.")
        elif not isinstance(root, BrokenNode):
            message = f"This file should hold {what}, but it holds {describe(root)}."
            reading.error("wrong-type", root.span, message, f"Its lines begin with keys such as {keys}.")
    return None


def _check_name(values: Values, file: str, reading: Reading) -> None:
    stem = PurePosixPath(file).stem
    if values["campaign"] is not None and values["campaign"] != stem and NAME.match(stem):
        message = f"This campaign is called `{values['campaign']}`, and its file `{stem}`."
        help = "Both must be the same: rename the file, or write the file's name here."
        reading.error("name-differs", values.place("campaign"), message, help)


def _sequences(node: Node | None, reading: Reading) -> dict[str, tuple[Span, list[Draft]]]:
    """The drafts of each stage, with the place of the stage's name."""
    sequences: dict[str, tuple[Span, list[Draft]]] = {}
    if not isinstance(node, MapNode):
        return sequences
    if not node.entries:
        reading.error("wrong-type", node.span, "`stages` is empty.", "Name a stage, or `any`, and its steps.")
    for name, value in node.entries:
        known = name.text == ANY_STAGE or reading.known(NameKind.STAGE, name.text, name.span)
        if STEPS.read(value, reading, name.text) is not None:
            steps = read_steps(value, reading)
            if known:
                sequences[name.text] = (name.span, steps)
    return sequences


def _few_enough(sequences: Mapping[str, tuple[Span, list[Draft]]], reading: Reading) -> bool:
    """Whether the campaign has no more steps than a person would write; says so if not."""
    steps = [draft for _, drafts in sequences.values() for draft in every(drafts)]
    if len(steps) <= MOST_STEPS:
        return True
    message = f"This campaign has {len(steps):,} steps; the limit is {MOST_STEPS:,}."
    reading.error("too-large", steps[MOST_STEPS].span, message, "Split it into several campaigns.")
    return False


def _enter(values: Values) -> Enter:
    again, every = values["again"]
    return Enter(values["when"], values["backfill"], again, every, values.span)


def _pace(values: Values) -> Pace:
    return Pace(values["gap"], values["window"], values["if_late"], values["late_after"])


def _rules(node: ListNode | Any, steps: StepNames, reading: Reading) -> tuple[CampaignRule, ...]:
    if not isinstance(node, ListNode):
        return ()
    rules: list[CampaignRule] = []
    taken: dict[str, Span] = {}
    for item in node.items:
        values = read_block(item, RULE, reading)
        if values is None:
            continue
        effects = [effect for effect in EFFECTS if values.given(effect)]
        if len(effects) != 1:
            message = "A rule has exactly one of `stage`, `goto` and `exit`" + (
                f"; this one has {len(effects)}." if effects else "; this one has none."
            )
            reading.error("bad-rule", values.span, message)
            continue
        goto = values["goto"] and steps.resolve(values["goto"], None, values.place("goto"), reading)
        id = _rule_id(values, effects[0], taken, reading)
        rules.append(CampaignRule(id, values.span, values["if"], values["stage"], goto, values["exit"]))
    return tuple(rules)


def _rule_id(values: Values, effect: str, taken: dict[str, Span], reading: Reading) -> str:
    """`rule/<id>`, or one made from what the rule does, with `~2`, `~3` where equal."""
    if values["id"] is not None:
        id = f"rule/{values['id']}"
        if id in taken:
            related = ((taken[id], "first here"),)
            message = f"The id `{values['id']}` is given to two rules."
            reading.error("repeated-id", values.place("id"), message, "Rename one of them.", related)
    else:
        what = "-".join("".join(letter if letter.isalnum() else " " for letter in str(values[effect]).lower()).split())
        base = id = f"rule/{effect}-{what}"
        number = 1
        while id in taken:
            number += 1
            id = f"{base}~{number}"
    taken[id] = values.place("id")
    return id


def _moved(node: MapNode | Any, steps: StepNames, reading: Reading) -> dict[str, str]:
    """Old full id -> present full id; a chain of renames is followed to its end."""
    if not isinstance(node, MapNode):
        return {}
    written = {old.text: value.text for old, value in node.entries if isinstance(value, Scalar)}
    written = {**{old.rpartition("/")[2]: new for old, new in written.items()}, **written}  # labels alone, too
    moved: dict[str, str] = {}
    for old, value in node.entries:
        new = STEP_NAME.read(value, reading, old.text)
        if new is None:
            continue
        seen = {old.text}
        while new in written and new not in steps and new not in seen and len(seen) < MOST_RENAMES:
            seen.add(new)
            new = written[new]
        target = steps.resolve(new, None, value.span, reading)
        source = old.text if "/" in old.text else f"{target.partition('/')[0]}/{old.text}"
        if source in steps.ids:
            message = f"There is still a step `{source}`; only steps that are gone can be moved."
            reading.error("moved-step-exists", old.span, message, "Remove this line, or rename the step.")
        moved[source] = target
    return moved
