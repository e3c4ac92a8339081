"""The calls that a condition may make: each declared once, for the parser, the messages and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from nurture_cli.language.expression import Type


class FunctionName(StrEnum):
    """A call by its name: its parameters, how many are required, how many go without their name, what it gives.

    What a call means is bound in `calls.py`, which names each of them.
    """

    DID = (
        "did",
        ("kind", "asset", "within", "times", "since"),
        1,
        2,
        Type.BOOLEAN,
        "The contact has an event of this kind, about this asset if one is named; `times`: at least this many;"
        " `within`: in the last days or hours; `since`: not before this date.",
        'did("registered", "zero-trust-webinar", within="30 days")',
    )
    CLICKED = (
        "clicked",
        ("asset", "within"),
        0,
        1,
        Type.BOOLEAN,
        'Short for did("clicked", …).',
        'clicked("why-zero-trust", within="7 days")',
    )
    OPENED = (
        "opened",
        ("asset", "within"),
        0,
        1,
        Type.BOOLEAN,
        'Short for did("opened", …); mail programs open mails too.',
        'opened("why-zero-trust")',
    )
    REPLIED = ("replied", ("asset", "within"), 0, 1, Type.BOOLEAN, 'Short for did("replied", …).', "replied()")
    REQUESTED = (
        "requested",
        ("asset", "within"),
        0,
        1,
        Type.BOOLEAN,
        'Short for did("requested", …): the contact asked for this asset.',
        'requested("white-paper")',
    )
    DOWNLOADED = (
        "downloaded",
        ("asset", "within"),
        0,
        1,
        Type.BOOLEAN,
        'Short for did("downloaded", …).',
        'downloaded("zero-trust-ebook")',
    )
    VISITED = (
        "visited",
        ("asset", "within"),
        0,
        1,
        Type.BOOLEAN,
        'Short for did("visited", …).',
        'visited("pricing", within="14 days")',
    )
    ATTENDED = (
        "attended",
        ("asset", "within"),
        0,
        1,
        Type.BOOLEAN,
        'Short for did("attended", …).',
        'attended("zero-trust-webinar")',
    )
    RECEIVED = (
        "received",
        ("asset",),
        1,
        1,
        Type.BOOLEAN,
        "The asset, or a variant of it, was sent to the contact, in any campaign or on request.",
        'received("case-study")',
    )
    TOUCHES = (
        "touches",
        ("within",),
        0,
        1,
        Type.NUMBER,
        "How many messages were sent to the contact over all campaigns, ever or in a number of days.",
        'touches(within="30 days") < 4',
    )
    DAYS_SINCE = (
        "days_since",
        ("kind", "asset"),
        1,
        2,
        Type.NUMBER,
        "Whole days of 24 hours since the newest event of this kind; missing if there is none.",
        'days_since("visited") > 90',
    )
    DAYS_UNTIL = (
        "days_until",
        ("date_field",),
        1,
        1,
        Type.NUMBER,
        "Calendar days, in UTC, from today to the date in a date field; negative when past, missing if empty.",
        "days_until(renewal_date) <= 60",
    )
    RESPONSES = (
        "responses",
        ("within", "stage"),
        0,
        0,
        Type.NUMBER,
        "How many responses (events whose kind has points under `interest:`) there are, ever or in the last so many"
        " days; `stage`: only those about assets written for this stage.",
        'responses(within="14 days", stage="decision") >= 2',
    )
    COMPANY_PEOPLE = (
        "company_people",
        ("within",),
        0,
        1,
        Type.NUMBER,
        "How many people of the contact's company, the contact included, responded, ever or in a number of days.",
        'company_people(within="14 days") >= 3',
    )
    BURST = (
        "burst",
        ("times", "within", "after"),
        3,
        0,
        Type.BOOLEAN,
        "A known contact became active again: this many responses in the last days (`within`), and none in the time"
        " before those (`after`).",
        'burst(times=3, within="7 days", after="60 days")',
    )
    TAG = (
        "tag",
        ("name",),
        1,
        1,
        Type.BOOLEAN,
        "The contact has this tag.",
        'tag("partner")',
    )
    IN_SEGMENT = (
        "in_segment",
        ("name",),
        1,
        1,
        Type.BOOLEAN,
        "The contact meets the condition of this segment of nurture.yml.",
        'in_segment("decision-makers")',
    )

    parameters: tuple[str, ...]
    required: int
    unnamed: int
    gives: Type
    sentence: str
    example: str

    def __new__(
        cls,
        name: str,
        parameters: tuple[str, ...],
        required: int,
        unnamed: int,
        gives: Type,
        sentence: str,
        example: str,
    ) -> FunctionName:
        """A text with everything that is declared about it."""
        self = str.__new__(cls, name)
        self._value_ = name
        self.parameters, self.required, self.unnamed = parameters, required, unnamed
        self.gives, self.sentence, self.example = gives, sentence, example
        return self

    @property
    def signature(self) -> str:
        """The call as it is written, such as `did(kind, asset=…, within=…)`."""
        given = [name if at < self.required else f"{name}=…" for at, name in enumerate(self.parameters)]
        return f"{self}({', '.join(given)})"


FUNCTIONS: Mapping[str, FunctionName] = {name.value: name for name in FunctionName}
