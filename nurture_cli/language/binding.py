"""Python's tree of a condition -> our own closed tree, typed and bound; anything not listed here is refused."""

from __future__ import annotations

import ast

from nurture_cli.language.calls import bind_call
from nurture_cli.language.comparisons import TYPE_WORDS, bind_comparison
from nurture_cli.language.condition_text import ConditionText
from nurture_cli.language.expression import All, Any, Constant, Counted, Expression, Not, Truth, Type

DEEPEST = 60


def bind(written: ConditionText, node: ast.expr, depth: int = 1) -> Expression | None:
    """A part that is yes or no; None after saying what is wrong with it."""
    if depth > DEEPEST:
        written.error("bad-condition", node, "This condition is too deeply nested.")
        return None
    match node:
        case ast.BoolOp(op, values):
            parts = [bind(written, value, depth + 1) for value in values]
            bound = tuple(part for part in parts if part is not None)
            if len(bound) < len(parts):
                return None
            return All(bound, written.span(node)) if isinstance(op, ast.And) else Any(bound, written.span(node))
        case ast.UnaryOp(ast.Not(), inner):
            body = bind(written, inner, depth + 1)
            return None if body is None else Not(body, written.span(node))
        case ast.Compare():
            return bind_comparison(written, node)
        case ast.Constant(bool() as value):
            return Constant(value, written.span(node))
        case ast.Call():
            called = bind_call(written, node)
            if isinstance(called, Counted):
                message = f"`{written.source(node)}` is a number, not yes or no."
                written.error("condition-type", node, message, f"Compare it, for example: {written.source(node)} > 7")
                return None
            return called
        case ast.Name():
            return _truth_of_field(written, node)
        case ast.Constant(None):
            written.error("condition-type", node, "`None` alone is not a condition.", "Write `field is None`.")
        case ast.Constant():
            message = f"{written.source(node)} is neither yes nor no, so alone it is not a condition."
            written.error("condition-type", node, message, "Compare it with a field.")
        case _:
            written.refuse(node)
    return None


def _truth_of_field(written: ConditionText, node: ast.Name) -> Expression | None:
    measured = written.measure(node)
    if measured is not None:
        message = f"`{measured.name}` is {TYPE_WORDS[measured.type]}, not yes or no."
        written.error("condition-type", node, message, f"Compare it: `{measured.name.example}`.")
        return None
    bound = written.field(node)
    if bound is None:
        return None
    if bound.type is Type.BOOLEAN:
        return Truth(bound, bound.span)
    example = {
        Type.TEXT: f'{bound.name} == "…"',
        Type.NUMBER: f"{bound.name} > 0",
        Type.DATE: f"days_until({bound.name}) < 30",
    }[bound.type]
    message = f"`{bound.name}` is {TYPE_WORDS[bound.type]}, not yes or no."
    written.error("condition-type", node, message, f"Compare it: `{example}`, or `{bound.name} is not None`.")
    return None
