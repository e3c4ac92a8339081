"""The calls of a condition: arguments checked against their one declaration, and bound."""

from __future__ import annotations

import ast

from nurture_cli.language.condition_text import ConditionText
from nurture_cli.language.expression import (
    Burst,
    CompanyPeople,
    Counted,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    Field,
    HasTag,
    InSegment,
    Received,
    Responses,
    Told,
    Touches,
    Type,
)
from nurture_cli.language.functions import FUNCTIONS, FunctionName
from nurture_cli.language.names import NameKind
from nurture_cli.text.advice import tag_call
from nurture_cli.text.diagnostic import Span
from nurture_cli.timing import Unit, parse_duration, parse_instant

MOST_TIMES = 1_000
LENGTHS = ("within", "after")

Called = Counted | Told | InSegment


def bind_call(written: ConditionText, node: ast.Call) -> Called | None:
    """The call, bound; None after saying what is wrong with it."""
    if not isinstance(node.func, ast.Name):
        written.error("bad-condition", node.func, "Only calls of this language are allowed here.")
        return None
    function = FUNCTIONS.get(node.func.id)
    if function is None:
        near = written.reading.guess(node.func.id, FUNCTIONS)
        if "tag" in node.func.id.lower() and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            help = f"Write: {tag_call(str(node.args[0].value))}"
        elif near is None and node.func.id in written.reading.names.kinds:
            help = f'Write: did("{node.func.id}")'
        else:
            help = f"Did you mean `{near}`?" if near else "The calls are " + ", ".join(FUNCTIONS) + "."
        written.error("unknown-function", node.func, f"There is no call `{node.func.id}`.", help)
        return None
    given = _arguments(written, node, function)
    if given is None:
        return None
    call = Call(written, node, given)
    called = _meaning(function, call)
    return called if call.sound else None


def _meaning(function: FunctionName, call: Call) -> Called | None:
    """What a call with correctly named arguments asks for; `call` notes wrong values."""
    match function:
        case FunctionName.DID:
            kind = call.name_of(NameKind.KIND, "kind") or ""
            return Did(kind, call.asset(), call.within(), call.times(), call.since(), call.span)
        case (
            FunctionName.CLICKED
            | FunctionName.OPENED
            | FunctionName.REPLIED
            | FunctionName.REQUESTED
            | FunctionName.DOWNLOADED
            | FunctionName.VISITED
            | FunctionName.ATTENDED
        ):
            return Did(function.value, call.asset(), call.within(), 1, None, call.span)
        case FunctionName.RECEIVED:
            return Received(call.asset() or "", call.span)
        case FunctionName.TOUCHES:
            return Touches(call.within(), call.span)
        case FunctionName.DAYS_SINCE:
            return DaysSince(call.name_of(NameKind.KIND, "kind") or "", call.asset(), call.span)
        case FunctionName.DAYS_UNTIL:
            field = call.date_field()
            return None if field is None else DaysUntil(field, call.span)
        case FunctionName.RESPONSES:
            return Responses(call.within(), call.name_of(NameKind.STAGE, "stage"), call.span)
        case FunctionName.COMPANY_PEOPLE:
            return CompanyPeople(call.within(), call.span)
        case FunctionName.BURST:
            return Burst(call.times(), call.within() or 0, call.length("after") or 0, call.span)
        case FunctionName.TAG:
            return HasTag(call.text("name") or "", call.span)
        case FunctionName.IN_SEGMENT:
            segment = call.segment()
            return None if segment is None else InSegment(*segment, call.span)


def _arguments(written: ConditionText, node: ast.Call, function: FunctionName) -> dict[str, ast.expr] | None:
    """The arguments by name, or None when they do not fit the declaration."""
    help = f"Write it like this: {function.signature}, for example {function.example}"
    given: dict[str, ast.expr] = {}
    sound = True
    for at, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred) or at >= function.unnamed:
            hint = help
            if at < len(function.parameters) and not isinstance(argument, ast.Starred):
                hint = f"Name it: {function.parameters[at]}=…"
            written.error("bad-argument", argument, f"`{function}` takes no such argument here.", hint)
            sound = False
        else:
            given[function.parameters[at]] = argument
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg not in function.parameters:
            near = written.reading.guess(keyword.arg or "", function.parameters)
            message = f"`{function}` has no `{keyword.arg}=`." if keyword.arg else "`**` cannot stand here."
            written.error("bad-argument", keyword, message, f"Did you mean `{near}=`?" if near else help)
            sound = False
        elif keyword.arg in given:
            written.error("bad-argument", keyword, f"`{keyword.arg}` is given twice.", help)
            sound = False
        else:
            given[keyword.arg] = keyword.value
    for name in function.parameters[: function.required]:
        if sound and name not in given:
            written.error("bad-argument", node, f"`{function}` needs `{name}`.", help)
            sound = False
    return given if sound else None


class Call:
    """One call with correctly named arguments; each method reads one of them and notes what is wrong."""

    def __init__(self, written: ConditionText, node: ast.Call, given: dict[str, ast.expr]) -> None:
        self.written = written
        self.given = given
        self.span: Span = written.span(node)
        self.sound = True

    def wrong(self, node: ast.expr, message: str, help: str | None = None) -> None:
        """Note what is wrong with an argument."""
        self.sound = False
        self.written.error("bad-argument", node, message, help)

    def text(self, parameter: str) -> str | None:
        """A text in quotes; None when it is not given."""
        node = self.given.get(parameter)
        match node:
            case None | ast.Constant(None):
                return None
            case ast.Constant(str() as value) if value.strip():
                return value
            case ast.Constant(str()):
                self.wrong(node, f"`{parameter}` is empty.")
            case ast.Name(id):
                self.wrong(node, f"`{parameter}` must be a text in quotes.", f'Write: "{id}"')
            case ast.Constant(int() as number) if parameter in LENGTHS:
                self.wrong(node, "A length of time needs its unit, in quotes.", f'Write: within="{number} days"')
            case _:
                self.wrong(node, f"`{parameter}` must be a text in quotes.")
        return None

    def name_of(self, sort: NameKind, parameter: str) -> str | None:
        """A text that must be the name of something."""
        value = self.text(parameter)
        if value is None:
            if (
                parameter in self.given
                and isinstance(self.given[parameter], ast.Constant)
                and sort not in (NameKind.ASSET, NameKind.STAGE)
            ):
                self.wrong(self.given[parameter], f"`{parameter}` must be a text in quotes.")
            return None
        if not self.written.reading.known(sort, value, self.written.span(self.given[parameter])):
            self.sound = False
        return value

    def asset(self) -> str | None:
        """The asset, by its name; None when it is not given."""
        return self.name_of(NameKind.ASSET, "asset")

    def within(self) -> int | None:
        """How far back it looks, in seconds; None when it is not given."""
        return self.length("within")

    def length(self, parameter: str) -> int | None:
        """A length of time in seconds; None when it is not given."""
        value = self.text(parameter)
        if value is None:
            return None
        try:
            duration = parse_duration(value)
        except ValueError as error:
            self.wrong(self.given[parameter], str(error))
            return None
        if duration.unit is Unit.BUSINESS_DAYS:
            self.wrong(self.given[parameter], "A look back counts days of 24 hours, not business days.")
            return None
        return duration.seconds

    def times(self) -> int:
        """How often; once when it is not given."""
        match self.given.get("times"):
            case None:
                return 1
            case ast.Constant(value) if type(value) is int and 1 <= value <= MOST_TIMES:
                return value
            case node:
                self.wrong(node, f"`times` is a whole number from 1 to {MOST_TIMES}.")
                return 1

    def since(self) -> int | None:
        """The instant before which nothing counts; None when it is not given."""
        value = self.text("since")
        if value is None:
            return None
        try:
            return parse_instant(value, self.written.reading.names.zone)
        except ValueError as error:
            self.wrong(self.given["since"], str(error))
            return None

    def date_field(self) -> Field | None:
        """The field, if it holds a date."""
        node = self.given["date_field"]
        if not isinstance(node, ast.Name):
            fields = self.written.reading.names.fields
            help = None
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in fields:
                help = f"Write: days_until({node.value})"
            self.wrong(node, "`days_until` takes the name of a date field, without quotes.", help)
            return None
        field = self.written.field(node)
        if field is None:
            self.sound = False
            return None
        if field.type is not Type.DATE:
            self.wrong(node, f"`{field.name}` is not a date.", "Declare it as `date` under `fields:` in nurture.yml.")
            return None
        return field

    def segment(self) -> tuple[str, Expression] | None:
        """The segment's name and its own condition."""
        name = self.name_of(NameKind.SEGMENT, "name")
        condition = self.written.reading.names.segments.get(name or "")
        if name is None or condition is None:
            self.sound = False
            return None
        return name, condition.body
