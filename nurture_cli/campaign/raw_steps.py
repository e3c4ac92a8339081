"""Lists of steps as they are written: shapes and values checked, names of steps given, nothing bound yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nurture_cli.campaign.keys.blocks import Values, read_block
from nurture_cli.campaign.keys.step import ARM, ASSET_NAME, ELSE, STREAM_ITEM, VERBS
from nurture_cli.campaign.model import Verb
from nurture_cli.language.names import listed
from nurture_cli.language.reading import Reading
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar, clip, describe

MOST_ARMS = 100  # of one branch: each is compared with those before it


@dataclass(slots=True)
class DraftArm:
    """A list of steps inside a step; `values` are those of the arm itself, if it has keys of its own."""

    name: str
    span: Span
    values: Values | None
    steps: list[Draft]


@dataclass(slots=True)
class Draft:
    """One step as it is written; `label` is its name within its sequence, given by `name_steps`."""

    verb: Verb
    span: Span
    values: Values
    arms: list[DraftArm] = field(default_factory=list)
    items: list[tuple[str | None, Any, Span]] = field(default_factory=list)  # of a stream: asset, condition, place
    label: str = ""


def read_steps(node: Node | Sequence[Any] | None, reading: Reading) -> list[Draft]:
    """The steps of a list; what makes no sense is reported and left out."""
    if not isinstance(node, ListNode):
        return []
    drafts = [_read_step(item, reading) for item in node.items]
    return [draft for draft in drafts if draft is not None]


def _read_step(node: Node, reading: Reading) -> Draft | None:
    if isinstance(node, BrokenNode):
        return None
    if not isinstance(node, MapNode):
        message = f"A step must be a mapping; this is {describe(node)}."
        reading.error("bad-step", node.span, message, f"For example: `- {clip(_meant(node))}`")
        return None
    verbs = [name for name, _ in node.entries if name.text in VERBS]
    if not verbs:
        _no_verb(node, reading)
        return None
    if len(verbs) > 1:
        first, second = verbs[:2]
        message = f"A step does one thing, but this one has both `{first.text}` and `{second.text}`."
        related = ((first.span, "the first is here"),)
        reading.error("bad-step", second.span, message, "Begin a step of its own with `- ` before the second.", related)
        return None
    verb, span = Verb(verbs[0].text), verbs[0].span
    values = read_block(node, VERBS[verb], reading, span=span)
    if values is None:
        return None
    draft = Draft(verb, span, values)
    match verb:
        case Verb.WAIT_FOR:
            draft.arms = [
                DraftArm(way, values.place(way), None, read_steps(values[way], reading)) for way in ("then", "else")
            ]
        case Verb.BRANCH:
            draft.arms = _branch_arms(values["branch"], reading)
        case Verb.SPLIT:
            draft.arms = _split_arms(values["split"], reading)
        case Verb.STREAM:
            draft.items = _stream_items(values["stream"], reading)
        case Verb.SEND | Verb.WAIT | Verb.SET | Verb.STAGE | Verb.GOTO | Verb.EXIT | Verb.HANDOFF:
            pass
    return draft


def _meant(node: Scalar | ListNode) -> str:
    """The step that a text without a colon probably means, or an example."""
    if not isinstance(node, Scalar) or not node.text.isprintable() or not node.text:
        return "send: why-zero-trust"
    word, _, text = node.text.partition(" ")
    return f"{word}: {text.strip()}" if text and word in VERBS and _is_one_line(Verb(word)) else f"send: {node.text}"


def _is_one_line(verb: Verb) -> bool:
    """Whether one text is all that a step takes."""
    match verb:
        case Verb.SEND | Verb.WAIT | Verb.WAIT_FOR | Verb.STAGE | Verb.GOTO | Verb.EXIT | Verb.HANDOFF:
            return True
        case Verb.STREAM | Verb.BRANCH | Verb.SPLIT | Verb.SET:
            return False


def _no_verb(node: MapNode, reading: Reading) -> None:
    help = f"A step has one of {listed(VERBS, 20)}."
    for name, _ in node.entries:
        near = reading.guess(name.text, VERBS)
        if near is not None:
            message = f"There is no step `{clip(name.text)}`."
            reading.error("bad-step", name.span, message, f"Did you mean `{near}`? {help}")
            return
    reading.error("bad-step", node.span, "This step does nothing.", help)


def _branch_arms(node: ListNode | None, reading: Reading) -> list[DraftArm]:
    if node is None:
        return []
    arms: list[DraftArm] = []
    otherwise: list[DraftArm] = []
    if len(node.items) > MOST_ARMS:
        message = f"This branch has {len(node.items):,} ways; the limit is {MOST_ARMS:,}."
        reading.error("too-large", node.span, message, "Set a field or a tag with an import, and branch on that.")
        return []
    for item in node.items:
        last = isinstance(item, MapNode) and item.get("else") is not None and item.get("if") is None
        values = read_block(item, ELSE if last else ARM, reading)
        if values is None:
            continue
        if otherwise:
            message = "Nothing can come after the `else` of a branch."
            reading.error(
                "misplaced-else", item.span, message, "Put `else` last, once.", ((otherwise[0].span, "the `else`"),)
            )
        if last:
            otherwise.append(DraftArm("else", item.span, values, read_steps(values["else"], reading)))
        else:
            steps = read_steps(values["then"], reading)
            arms.append(DraftArm(str(len(arms) + 1), item.span, values, steps))
    if not otherwise:
        message = "This branch has no `else`: what happens to all other contacts?"
        reading.error("missing-else", node.span, message, "Add `- else: [...]` as its last item; `- else: []` goes on.")
    if not arms:
        message = "This branch has no `if`."
        reading.error("missing-key", node.span, message, 'Begin it with `- if: role == "user"` and `then: [...]`.')
    return [*arms, *otherwise[:1]]


def _split_arms(plan: Values | None, reading: Reading) -> list[DraftArm]:
    if plan is None or plan["arms"] is None:
        return []
    pairs: Sequence[tuple[Scalar, Values]] = plan["arms"]
    if len(pairs) < 2 and reading.sound:
        message = "A split needs two arms or more."
        reading.error("missing-key", plan.place("arms"), message, "For an arm that gets nothing, write `then: []`.")
    return [DraftArm(name.text, name.span, values, read_steps(values["then"], reading)) for name, values in pairs]


def _stream_items(node: ListNode | None, reading: Reading) -> list[tuple[str | None, Any, Span]]:
    if node is None:
        return []
    if not node.items:
        reading.error("wrong-type", node.span, "This stream is empty.", "Name the assets that it sends, in order.")
    items: list[tuple[str | None, Any, Span]] = []
    for item in node.items:
        if isinstance(item, MapNode):
            values = read_block(item, STREAM_ITEM, reading)
            if values is not None:
                items.append((values["send"], values["if"], values.place("send")))
        else:
            items.append((ASSET_NAME.read(item, reading, "stream"), None, item.span))
    return items


def name_steps(sequences: Mapping[str, list[Draft]], reading: Reading) -> None:
    """Give every step its label: its own id, or one made from what it does, with `~2`, `~3` where equal."""
    explicit: dict[str, Span] = {}
    for drafts in sequences.values():
        for draft in every(drafts):
            label = draft.values["id"]
            if label is None:
                continue
            if label in explicit:
                related = ((explicit[label], "first here"),)
                message = f"The id `{label}` is given to two steps of this campaign."
                reading.error("repeated-id", draft.values.place("id"), message, "Rename one of them.", related)
            explicit.setdefault(label, draft.values.place("id"))
    for drafts in sequences.values():
        _name(drafts, None, dict.fromkeys(explicit, 1))


def every(drafts: Sequence[Draft]) -> list[Draft]:
    """The steps of a list with all that are nested in them, in file order."""
    found: list[Draft] = []
    for draft in drafts:
        found.append(draft)
        for arm in draft.arms:
            found += every(arm.steps)
    return found


def _name(drafts: Sequence[Draft], anchor: str | None, taken: dict[str, int]) -> None:
    """Name the steps of one list; a step without a name of its own is named after `anchor`.

    `anchor` is the last step with a name before it, so that a wait keeps its name when you put another in front of it.
    """
    for draft in drafts:
        own = _own_name(draft)
        if draft.values["id"] is not None:
            draft.label = draft.values["id"]
        else:
            draft.label = _free(own or f"{draft.verb}-{'first' if anchor is None else f'after-{anchor}'}", taken)
        for arm in draft.arms:
            _name(arm.steps, f"{draft.label}.{arm.name}", taken)
        if own is not None:
            anchor = draft.label


def _own_name(draft: Draft) -> str | None:
    """The name that a step gets from what it does; None for a wait, a branch and the like."""
    values = draft.values
    if values["id"] is not None:
        return str(values["id"])
    match draft.verb:
        case Verb.SEND:
            return str(values["send"]) if values["send"] else None
        case Verb.SPLIT:
            return str(values["split"]["name"]) if values["split"] and values["split"]["name"] else None
        case Verb.STREAM:
            return f"stream-{draft.items[0][0]}" if draft.items and draft.items[0][0] else None
        case Verb.WAIT | Verb.WAIT_FOR | Verb.BRANCH | Verb.SET | Verb.STAGE | Verb.GOTO | Verb.EXIT | Verb.HANDOFF:
            return None


def _free(label: str, taken: dict[str, int]) -> str:
    """The label, or the label with the next number if another step has it; `taken` counts the uses of each."""
    free = label
    while free in taken:
        taken[label] += 1
        free = f"{label}~{taken[label]}"
    taken[free] = 1
    return free
