"""How values behave in templates: printing, joining, calculating, and what replaces a missing value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, NoReturn

from jinja2 import Undefined  # noqa: TID251  part of the door
from jinja2.exceptions import UndefinedError  # noqa: TID251  part of the door
from jinja2.runtime import markup_join, str_join  # noqa: TID251  part of the door
from markupsafe import Markup, escape

from nurture_cli.message import limits
from nurture_cli.message.filters import WrongUse, text_of
from nurture_cli.message.record import PLAIN_NAMES, Record
from nurture_cli.records import CORE_TEXT_FIELDS

TOP_NAMES = ("contact", "asset", "sender", "project", *PLAIN_NAMES)
NO_POWERS = "`**` is not used in templates."
_LONGEST_NUMBER = 128  # bits of a product


class Unknown(Undefined):
    """A name that does not exist: every use of it fails."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        name = str(self._undefined_name)
        record = self._undefined_obj
        if isinstance(record, Record):
            near = [f"{record.title}.{n}" for n in get_close_matches(name, record.values, 1)]
            name = f"{record.title}.{name}"
        elif name in CORE_TEXT_FIELDS:
            near = [f"contact.{name}"]
        else:
            near = get_close_matches(name, TOP_NAMES, 1)
        return f"There is no `{name}`." + (f"\nDid you mean `{near[0]}`?" if near else "")

    def _fail(self, *_: object) -> NoReturn:
        raise UndefinedError(self._undefined_message)

    __iter__ = __str__ = __len__ = __eq__ = __ne__ = __bool__ = __hash__ = __contains__ = _fail


class MissingFact(Undefined):
    """A fact that exists and has no value here: it is false, equals nothing but `none`, and cannot be printed."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name = f"{self._undefined_obj.title}.{self._undefined_name}"
        whom = " for this contact" if self._undefined_obj.title == "contact" else ""
        return f'`{name}` has no value{whom}.\nSay what to print instead: {{{{ {name} | default("…") }}}}'

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, MissingFact)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(None)

    def __bool__(self) -> bool:
        return False

    def _fail(self, *_: object) -> NoReturn:
        raise UndefinedError(self._undefined_message)

    __iter__ = __str__ = __len__ = __contains__ = _fail


def default(value: object, instead: object = "", also_empty: bool = False) -> object:
    """The value, or `instead` where there is none; a name that does not exist stays a mistake."""
    if isinstance(value, Unknown):
        str(value)
    if value is None or isinstance(value, Undefined) or (also_empty and not value):
        return instead
    return value


def is_none(value: object) -> bool:
    """Whether there is no value."""
    return value is None or isinstance(value, MissingFact)


def printable(value: Any) -> Any:
    """The value as it may be printed, text or a number; called for everything that a template prints or joins."""
    kind = type(value)
    if kind is str or kind is Markup:
        limits.spend(len(value))
        return value
    if kind is int or kind is bool:
        return value
    if kind is float:
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if kind is Undefined:  # what an inline `if` without `else` gives
        return ""
    insist(value)
    if value is None:
        raise UndefinedError('There is no value to print here.\nSay what to print instead: {{ … | default("…") }}')
    if isinstance(value, Record):
        example = next(iter(value.values))
        raise WrongUse(f"`{value.title}` has several values: name one, such as `{value.title}.{example}`.")
    raise WrongUse("Only text and numbers can be printed.")


def insist(value: object) -> None:
    """Fail with the name of the variable when there is no value."""
    if isinstance(value, Undefined):
        str(value)


def joined_text(parts: Iterable[object]) -> str:
    """The meaning of `a ~ b` in plain text."""
    return _charged(str_join(map(printable, parts)))


def joined_markup(parts: Iterable[object]) -> str:
    """The meaning of `a ~ b` where text is escaped."""
    return _charged(markup_join(map(printable, parts)))


def part(value: object, start: int | None, stop: int | None) -> object:
    """The meaning of `value[start:stop]`."""
    insist(value)
    if not isinstance(value, str | list | tuple):
        raise WrongUse("Only a text or a list can be cut into parts.")
    piece = value[start:stop]
    limits.spend(len(piece))
    return piece


def reckon(operator: str, left: Any, right: Any) -> Any:
    """The operators `+ * % **`, which could make huge values from small ones."""
    insist(left)
    insist(right)
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    match operator:
        case "+" if numbers:
            return left + right
        case "+" if isinstance(left, str) and isinstance(right, str):
            return joined_markup((left, right))
        case "*" if numbers:
            whole = isinstance(left, int) and isinstance(right, int)
            if whole and left.bit_length() + right.bit_length() > _LONGEST_NUMBER:
                raise limits.TooLong
            return left * right
        case "%" if numbers:
            return left % right
        case "**":
            raise WrongUse(NO_POWERS)
        case "+":
            raise WrongUse("`+` adds two numbers or joins two texts; `~` joins anything.")
        case _:
            raise WrongUse(f"`{operator}` works with numbers only.")


def with_breaks(value: object) -> Markup:
    """Escaped, with `<br>` at each line break."""
    made = Markup("<br>\n").join(escape(line) for line in text_of(value).splitlines())
    limits.spend(len(made))
    return made


def as_is(value: object) -> str:
    """Unchanged: plain text needs no escaping."""
    return _charged(str(text_of(value)))


def escaped(value: object) -> Markup:
    """Escaped for HTML."""
    text = escape(printable(value))
    limits.spend(len(text))
    return text


def _charged(text: str) -> str:
    limits.spend(len(text))
    return text


def _remainder(value: object, by: object = 2) -> float:
    insist(value)
    if not isinstance(value, int | float) or not isinstance(by, int | float):
        raise WrongUse("Only a number is odd, even or divisible.")
    return value % by


# In place of Jinja's own: some of those take `%` for formatting, others turn any value into text.
TESTS: dict[str, Callable[..., bool]] = {
    "none": is_none,
    "odd": lambda value: _remainder(value) == 1,
    "even": lambda value: _remainder(value) == 0,
    "divisibleby": lambda value, by: _remainder(value, by) == 0,
    "lower": lambda value: text_of(value).islower(),
    "upper": lambda value: text_of(value).isupper(),
}
