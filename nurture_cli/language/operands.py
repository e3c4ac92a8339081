"""What a condition compares: fields, measures, constants, and calls that count."""

from __future__ import annotations

import ast
import math

from nurture_cli.language.calls import bind_call
from nurture_cli.language.condition_text import ConditionText
from nurture_cli.language.expression import Counted, Literal, Operand, Type

LARGEST_NUMBER = 10**15


def bind_operand(written: ConditionText, node: ast.expr) -> Operand | None:
    """One side of a comparison: a field, a constant, or a call that counts."""
    match node:
        case ast.Name():
            return written.measure(node) or written.field(node)
        case ast.Constant(value) if isinstance(value, str | int | float):
            return _literal(written, node, value)
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)) if not isinstance(number, bool):
            return _literal(written, node, -number)
        case ast.Call():
            called = bind_call(written, node)
            if called is None or isinstance(called, Counted):
                return called
            message = f"`{written.source(node)}` is yes or no already."
            written.error("condition-type", node, message, "Use it alone, or with `not` before it.")
        case ast.BoolOp() | ast.Compare() | ast.UnaryOp(ast.Not()):
            written.error("condition-type", node, "This part is yes or no already, so it cannot be compared.")
        case _:
            written.refuse(node)
    return None


def _literal(written: ConditionText, node: ast.expr, value: str | int | float) -> Literal | None:
    if isinstance(value, str):
        return Literal(value, Type.TEXT, written.span(node))
    if isinstance(value, bool):
        return Literal(value, Type.BOOLEAN, written.span(node))
    if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
        written.error("condition-type", node, "This number is too large.")
        return None
    return Literal(value, Type.NUMBER, written.span(node))
