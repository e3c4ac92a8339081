"""The funnel of nurture.yml, read: first the names of the stages, then, when all names are known, all the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nurture_cli.campaign.channels import TASKS
from nurture_cli.campaign.funnel import (
    DEFAULT_GRADES,
    DEFAULT_PER_DAY,
    DEFAULT_POINTS,
    DEFAULT_STAGES,
    Agreement,
    BackEdge,
    FitRule,
    Funnel,
    Grades,
    Interest,
    Sales,
    Signal,
    Stage,
    StageKind,
    Track,
)
from nurture_cli.campaign.keys.blocks import Block, Values, defaults, read_block
from nurture_cli.campaign.keys.funnel import BACK, FIT_RULE, INTEREST, SALES_BLOCK, SIGNAL, STAGE, TRACK
from nurture_cli.campaign.keys.kinds import NAME, Name, name_of, wrong_type
from nurture_cli.campaign.model import ANY_STAGE
from nurture_cli.language.reading import Reading
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar, clip


def read_stage_names(node: ListNode | None, reading: Reading) -> tuple[str, ...]:
    """The names of the stages in order; the default ones where none are written."""
    if node is None:
        return DEFAULT_STAGES
    if not node.items:
        reading.error("wrong-type", node.span, "`stages` needs 1 or more items.")
    places: dict[str, Span] = {}
    for item in node.items:
        name = item.get("stage") if isinstance(item, MapNode) else item
        if isinstance(name, BrokenNode) or (name is None and isinstance(item, MapNode)):
            continue  # said elsewhere: broken, or a mapping without its name
        if not isinstance(name, Scalar):
            wrong_type(f"{Name().words}, or a mapping that begins with `stage:`", item, reading, "stages")
        elif isinstance(item, MapNode) and not NAME.match(name.text):
            continue  # said when the mapping is read
        elif name_of(name, reading, "stages") is None:
            continue
        elif name.text == ANY_STAGE:
            message = f"A stage cannot be called `{ANY_STAGE}`: in campaigns the word means all other stages."
            reading.error("bad-name", name.span, message, "Choose another name.")
        elif name.text in places:
            related = ((places[name.text], "first here"),)
            message = f"`{clip(name.text)}` appears twice in `stages`."
            reading.error("repeated-item", name.span, message, "Keep one of the two.", related)
        else:
            places[name.text] = name.span
    return tuple(places)


def read_funnel(values: Values, names: tuple[str, ...], reading: Reading) -> Funnel:
    """The funnel, every name bound; useful only if the reading is sound in the end."""
    stages = _stages(values["stages"], names, values.span, reading)
    sales = _sales(values["sales"], reading)
    if sales is None:
        for stage in stages:
            if stage.handoff:
                message = f"`{stage.name}` hands over to Sales, but nothing says how."
                help = "Add, for example: `sales: {channel: task, accepted: sales-lead, won: customer}`"
                reading.error("missing-key", stage.span, message, help)
    return Funnel(
        stages=stages,
        interest=_interest(values["interest"], values.span, reading),
        grades=_grades(values["grades"], reading),
        fit=tuple(_fit(values["fit"], reading)),
        agreement=_agreement(values["agreement"]),
        sales=sales,
        recycling=tuple(_tracks(values["recycling"], reading)),
        radar=tuple(_signals(values["radar"], reading)),
    )


def _stages(node: ListNode | None, names: tuple[str, ...], span: Span, reading: Reading) -> tuple[Stage, ...]:
    if node is None:
        return tuple(Stage(name, span) for name in names)
    found: list[Stage] = []
    for item in node.items:
        if isinstance(item, Scalar):
            found.append(Stage(item.text, item.span))
        elif isinstance(item, MapNode):
            values = read_block(item, STAGE, reading)
            if values is not None and values["stage"] is not None:
                found.append(_stage(values, names, reading))
    for at, stage in enumerate(found):
        if stage.kind is StageKind.GATE and at + 1 == len(found):
            message = f"Nobody could ever leave `{stage.name}`: it is a gate, and no stage comes after it."
            reading.error("bad-stage", stage.span, message, "A gate must come before another stage.")
    return tuple(found)


def _stage(values: Values, names: tuple[str, ...], reading: Reading) -> Stage:
    kind = values["kind"] or StageKind.INVENTORY
    name, place = values["stage"], values.place("stage")
    if kind is StageKind.SLA and not values.given("within"):
        message = f"Contacts must leave `{name}` within a time, but nothing says how soon."
        reading.error("missing-key", values.place("kind"), message, "Add, for example: `within: 5 business days`")
    if kind is not StageKind.SLA and values.given("within"):
        message = f"`within` belongs to a stage of kind `sla`, and `{name}` is of kind `{kind}`."
        reading.error("bad-stage", values.place("within"), message, "Write `kind: sla`, or remove `within`.")
    if kind is StageKind.GATE and not values.given("when"):
        message = f"`{name}` is a gate without criteria: nobody could ever pass it."
        reading.error("missing-key", values.place("kind"), message, "Say which contacts pass: `when: …`")
    return Stage(
        name, place, values["when"], kind, values["within"], values["owner"],
        values["handoff"] is not None, tuple(_ways_back(values, names, reading)),
    )  # fmt: skip


def _ways_back(values: Values, names: tuple[str, ...], reading: Reading) -> Iterable[BackEdge]:
    node, name = values["back"], values["stage"]
    reasons: dict[str, str] = {}
    for item in node.items if isinstance(node, ListNode) else ():
        edge = read_block(item, BACK, reading)
        if edge is None or edge["to"] is None or edge["for"] is None:
            continue
        if name in names and names.index(edge["to"]) >= names.index(name):
            message = f"`{edge['to']}` does not come before `{name}`, so this is not a way back."
            reading.error("bad-stage", edge.place("to"), message, "Name an earlier stage, or remove the way back.")
        for reason in edge["for"]:
            if reasons.setdefault(reason, edge["to"]) != edge["to"]:
                message = f"The reason `{reason}` leads back from `{name}` to two stages."
                reading.error("bad-stage", edge.place("for"), message, "Keep one of the two.")
        yield BackEdge(edge["to"], edge["for"], edge.place("for"))


def _agreement(values: Values | None) -> Agreement | None:
    return None if values is None else Agreement(values["version"], values["date"], values["agreed_by"] or ())


def _fit(node: ListNode | None, reading: Reading) -> Iterable[FitRule]:
    for item in node.items if node is not None else ():
        values = read_block(item, FIT_RULE, reading)
        if values is not None and values["if"] is not None and values["points"] is not None:
            yield FitRule(values["if"], values["points"], values.place("if"))


def _interest(node: MapNode | None, span: Span, reading: Reading) -> Interest:
    values = (None if node is None else read_block(node, INTEREST, reading, "interest.")) or defaults(INTEREST, span)
    points = DEFAULT_POINTS | _by_name(values["points"])
    per_day = dict.fromkeys(points, DEFAULT_PER_DAY) | _by_name(values["per_day"])
    scored = {kind: number for kind, number in points.items() if number}
    return Interest(values["half_life"] or 0, scored, per_day, _by_name(values["roles"]))


def _by_name(pairs: Iterable[tuple[Scalar, Any]] | None) -> dict[str, Any]:
    return {name.text: value for name, value in pairs or ()}


def _grades(values: Values | None, reading: Reading) -> Grades:
    if values is None:
        return DEFAULT_GRADES
    pairs: list[tuple[int, int]] = []
    for key, usual in (("fit", DEFAULT_GRADES.fit), ("interest", DEFAULT_GRADES.interest)):
        given = values[key] if values.given(key) else usual
        if given is None or len(given) < 2:
            continue  # said already
        if len(given) != 2 or given[0] <= given[1]:
            message = f"`{key}` must be two numbers, the greater one first."
            reading.error("wrong-type", values.place(key), message, f"For example: `{key}: [{usual[0]}, {usual[1]}]`")
            continue
        pairs.append((int(given[0]), int(given[1])))
    return Grades(*pairs) if len(pairs) == 2 else DEFAULT_GRADES


def _sales(node: MapNode | None, reading: Reading) -> Sales | None:
    values = None if node is None else read_block(node, SALES_BLOCK, reading, "sales.")
    if values is None:
        return None
    return Sales(
        values["channel"] or TASKS, values["to"], values["accept_within"], values["accepted"], values["won"],
        values.span,
    )  # fmt: skip


def _tracks(node: MapNode | None, reading: Reading) -> Iterable[Track]:
    for name, value in node.entries if node is not None else ():
        known = name_of(name, reading, "recycling")
        values = _block(value, TRACK, reading)
        if known is not None and values is not None:
            yield Track(name.text, values["rest"], values["then"], values["interest"], name.span, values.place("then"))


def _block(node: Node, block: Block, reading: Reading) -> Values | None:
    return None if isinstance(node, BrokenNode) else read_block(node, block, reading)


def _signals(node: ListNode | None, reading: Reading) -> Iterable[Signal]:
    places: dict[str, Span] = {}
    for item in node.items if node is not None else ():
        values = read_block(item, SIGNAL, reading)
        if values is None or values["signal"] is None:
            continue
        name = values["signal"]
        if name in places:
            related = ((places[name], "first here"),)
            reading.error(
                "repeated-item", values.place("signal"), f"There are two signals `{name}`.", "Rename one.", related
            )
        places[name] = values.place("signal")
        if not values.given("stage") and not values.given("task"):
            message = f"Nothing follows the signal `{name}`."
            reading.error("missing-key", values.place("signal"), message, "Add a `stage:`, a `task:`, or both.")
        if values["if"] is not None:
            yield Signal(name, values["if"], values["stage"], values["task"], values["quiet"] or 0, values.place("if"))
