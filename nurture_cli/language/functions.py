"""The calls that a condition may make: each declared once, for the parser, the messages and the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nurture_cli.language.expression import (
    Burst,
    CompanyPeople,
    Counted,
    DaysSince,
    DaysUntil,
    Did,
    HasTag,
    InSegment,
    Received,
    Responses,
    Told,
    Touches,
    Type,
)
from nurture_cli.language.names import NameKind

if TYPE_CHECKING:
    from nurture_cli.language.calls import Call

Called = Counted | Told | InSegment
IN_SEGMENT = "in_segment"


@dataclass(frozen=True, slots=True)
class Function:
    """A call: its parameters in order, how many are required, how many go without their name, what comes out.

    `bind` makes the part of the tree out of one call whose arguments have the right names; whatever is wrong with
    their values is noted by the call itself.
    """

    name: str
    parameters: tuple[str, ...]
    required: int
    unnamed: int
    gives: Type
    sentence: str
    example: str
    bind: Callable[[Call], Called | None]

    @property
    def signature(self) -> str:
        """How it is called."""
        given = [name if at < self.required else f"{name}=…" for at, name in enumerate(self.parameters)]
        return f"{self.name}({', '.join(given)})"


def _short(kind: str, sentence: str, example: str) -> Function:
    def bind(call: Call) -> Did:
        return Did(kind, call.asset(), call.within(), 1, None, call.span)

    return Function(kind, ("asset", "within"), 0, 1, Type.BOOLEAN, sentence, example, bind)


def _did(call: Call) -> Did:
    kind = call.name_of(NameKind.KIND, "kind") or ""
    return Did(kind, call.asset(), call.within(), call.times(), call.since(), call.span)


def _days_since(call: Call) -> DaysSince:
    return DaysSince(call.name_of(NameKind.KIND, "kind") or "", call.asset(), call.span)


def _days_until(call: Call) -> DaysUntil | None:
    field = call.date_field()
    return None if field is None else DaysUntil(field, call.span)


def _responses(call: Call) -> Responses:
    return Responses(call.within(), call.name_of(NameKind.STAGE, "stage"), call.span)


def _burst(call: Call) -> Burst:
    return Burst(call.times(), call.within() or 0, call.length("after") or 0, call.span)


def _in_segment(call: Call) -> InSegment | None:
    segment = call.segment()
    return None if segment is None else InSegment(*segment, call.span)


FUNCTIONS = {
    function.name: function
    for function in (
        Function(
            "did",
            ("kind", "asset", "within", "times", "since"),
            1,
            2,
            Type.BOOLEAN,
            "The contact has an event of this kind, about this asset if one is named; `times`: at least this many;"
            " `within`: in the last days or hours; `since`: not before this date.",
            'did("registered", "zero-trust-webinar", within="30 days")',
            _did,
        ),
        _short("clicked", 'Short for did("clicked", …).', 'clicked("why-zero-trust", within="7 days")'),
        _short("opened", 'Short for did("opened", …); mail programs open mails too.', 'opened("why-zero-trust")'),
        _short("replied", 'Short for did("replied", …).', "replied()"),
        _short(
            "requested", 'Short for did("requested", …): the contact asked for this asset.', 'requested("white-paper")'
        ),
        _short("downloaded", 'Short for did("downloaded", …).', 'downloaded("zero-trust-ebook")'),
        _short("visited", 'Short for did("visited", …).', 'visited("pricing", within="14 days")'),
        _short("attended", 'Short for did("attended", …).', 'attended("zero-trust-webinar")'),
        Function(
            "received",
            ("asset",),
            1,
            1,
            Type.BOOLEAN,
            "The asset, or a variant of it, was sent to the contact, in any campaign or on request.",
            'received("case-study")',
            lambda call: Received(call.asset() or "", call.span),
        ),
        Function(
            "touches",
            ("within",),
            0,
            1,
            Type.NUMBER,
            "How many messages were sent to the contact over all campaigns, ever or in a number of days.",
            'touches(within="30 days") < 4',
            lambda call: Touches(call.within(), call.span),
        ),
        Function(
            "days_since",
            ("kind", "asset"),
            1,
            2,
            Type.NUMBER,
            "Whole days of 24 hours since the newest event of this kind; missing if there is none.",
            'days_since("visited") > 90',
            _days_since,
        ),
        Function(
            "days_until",
            ("date_field",),
            1,
            1,
            Type.NUMBER,
            "Calendar days, in UTC, from today to the date in a date field; negative when past, missing if empty.",
            "days_until(renewal_date) <= 60",
            _days_until,
        ),
        Function(
            "responses",
            ("within", "stage"),
            0,
            0,
            Type.NUMBER,
            "How many responses (events whose kind has points under `interest:`) there are, ever or in the last so many"
            " days; `stage`: only those about assets written for this stage.",
            'responses(within="14 days", stage="decision") >= 2',
            _responses,
        ),
        Function(
            "company_people",
            ("within",),
            0,
            1,
            Type.NUMBER,
            "How many people of the contact's company, the contact included, responded, ever or in a number of days.",
            'company_people(within="14 days") >= 3',
            lambda call: CompanyPeople(call.within(), call.span),
        ),
        Function(
            "burst",
            ("times", "within", "after"),
            3,
            0,
            Type.BOOLEAN,
            "A known contact became active again: this many responses in the last days (`within`), and none in the time"
            " before those (`after`).",
            'burst(times=3, within="7 days", after="60 days")',
            _burst,
        ),
        Function(
            "tag",
            ("name",),
            1,
            1,
            Type.BOOLEAN,
            "The contact has this tag.",
            'tag("partner")',
            lambda call: HasTag(call.text("name") or "", call.span),
        ),
        Function(
            IN_SEGMENT,
            ("name",),
            1,
            1,
            Type.BOOLEAN,
            "The contact meets the condition of this segment of nurture.yml.",
            'in_segment("decision-makers")',
            _in_segment,
        ),
    )
}
