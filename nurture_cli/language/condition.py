"""The small language of `when:`, parsed with Python's own parser, allowed node by node, and bound to what exists.

Nothing here is ever evaluated: the resulting tree is compiled to SQL. Every name has its place, so that a mistake is
shown under the exact word; all mistakes of one condition are found at once.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable

from nurture_cli.errors import WrongUsage
from nurture_cli.language.binding import bind
from nurture_cli.language.condition_text import ConditionText
from nurture_cli.language.expression import All, Any, Atom, Condition, Expression, InSegment, Not
from nurture_cli.language.functions import FunctionName
from nurture_cli.language.mistakes import Mistake, comment_in, explain_syntax
from nurture_cli.language.names import Names
from nurture_cli.language.reading import Reading
from nurture_cli.text.decode import CONTROL
from nurture_cli.text.diagnostic import Diagnostic, Span

MAX_LENGTH = 2_000
MAX_PARTS = 200  # with the conditions of segments written out
MAX_DEPTH = 18  # SQLite before 3.46 gives up on expressions that are nested deeper than about 23 brackets

PlaceOf = Callable[[int, int], Span]  # the place of the characters from start to end


def parse_condition(
    text: str, span: Span, names: Names, place: PlaceOf | None = None
) -> tuple[Condition | None, tuple[Diagnostic, ...]]:
    """A condition bound to `names`, or None and what is wrong with it.

    `span` is the place of the whole text; `place` finds that of a part of it, by default by counting from `span`.
    """
    reading = Reading(names)
    condition = read_condition(text, span, reading, place)
    return (condition if reading.sound else None), reading.diagnostics


def read_condition(text: str, span: Span, reading: Reading, place: PlaceOf | None = None) -> Condition | None:
    """A condition bound to the names of a reading, which takes the findings; None if it makes no sense."""
    where = place or (lambda start, end: Span(span.file, span.line, span.col + start, span.col + end))
    tree = _parse(text)
    if isinstance(tree, Mistake):
        reading.error("bad-condition", where(tree.start, tree.end), tree.message, tree.help)
        return None
    lead = len(text) - len(text.lstrip())
    written = ConditionText(text, lead, where, reading)
    body = bind(written, tree) if written.can_be_stored(tree) else None
    if body is None:
        return None
    size, depth = _measure(body)
    if size > MAX_PARTS or depth > MAX_DEPTH:
        message = f"This condition is too large: {size} parts, {depth} deep, with its segments written out."
        reading.error("bad-condition", span, message, f"The limit is {MAX_PARTS} parts and {MAX_DEPTH} levels.")
        return None
    return Condition(text.strip(), body, span)


def parse_where(text: str, names: Names) -> Condition:
    """The condition after `--where`; raises WrongUsage with the text and a caret under the first mistake."""
    if CONTROL.search(text) or len(text) > MAX_LENGTH:
        raise WrongUsage("The condition after --where is too long or has control characters in it.")
    flat = " ".join(text.split("\n"))
    condition, found = parse_condition(flat, Span("--where", 1, 1, len(flat) + 1), names)
    if condition is None:
        first = found[0]
        caret = " " * (first.span.col - 1) + "^" * max(1, first.span.end - first.span.col)
        raise WrongUsage(f"{first.message}\n  {flat}\n  {caret}", first.help)
    return condition


def segments_in(text: str) -> frozenset[str]:
    """The segments that a condition names, as far as it can be parsed."""
    tree = _parse(text)
    if isinstance(tree, Mistake):
        return frozenset()
    return frozenset(
        name.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == FunctionName.IN_SEGMENT
        for name in (*call.args, *(keyword.value for keyword in call.keywords))
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    )


def _parse(text: str) -> ast.expr | Mistake:
    """The tree of a text; line ends count as spaces, so that offsets in tree and text agree."""
    if not text.strip():
        return Mistake(0, 1, "The condition is empty.", "Write `True` for all contacts.")
    if len(text) > MAX_LENGTH:
        message = f"This condition has {len(text):,} characters; the limit is {MAX_LENGTH:,}."
        return Mistake(0, MAX_LENGTH, message, "Name a part of it as a segment in nurture.yml.")
    flat = text.replace("\n", " ").replace("\r", " ")
    comment = comment_in(flat)
    if comment is not None:
        return comment
    stripped = flat.lstrip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice is about programs
            return ast.parse(stripped, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        mistake = explain_syntax(stripped, error)
        lead = len(flat) - len(stripped)
        return Mistake(mistake.start + lead, mistake.end + lead, mistake.message, mistake.help)


def _measure(body: Expression) -> tuple[int, int]:
    """How many parts an expression has, and how deep it is; segments are measured before they are named.

    `a and b and c …` is as deep as the balanced tree that it is compiled to.
    """
    match body:
        case All(parts) | Any(parts):
            sizes = [_measure(part) for part in parts]
            levels = (len(parts) - 1).bit_length()
            return 1 + sum(size for size, _ in sizes), levels + max(depth for _, depth in sizes)
        case Not(inner) | InSegment(_, inner):
            size, depth = _measure(inner)
            return 1 + size, 1 + depth
        case Atom():
            return 1, 1
