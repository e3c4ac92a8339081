"""A campaign as it was read: frozen values with their places, no behaviour beyond look-ups.

Step ids are stable: an explicit `id:`, or one derived from what the step does (see `parse.py`); a touch, a decision
and a contact's place refer to a step by this id, never by its position in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from nurture_cli.calendars import Window
from nurture_cli.campaign.channels import Settings
from nurture_cli.campaign.funnel import Funnel
from nurture_cli.language.expression import Condition, Type
from nurture_cli.text.diagnostic import Span
from nurture_cli.timing import Duration

ANY_STAGE = "any"  # the sequence for contacts whose stage has none of its own


class Verb(StrEnum):
    """What a step does: the key with which it is written."""

    SEND = "send"
    WAIT = "wait"
    WAIT_FOR = "wait_for"
    STREAM = "stream"
    BRANCH = "branch"
    SPLIT = "split"
    SET = "set"
    STAGE = "stage"
    GOTO = "goto"
    EXIT = "exit"
    HANDOFF = "handoff"


@dataclass(frozen=True, slots=True)
class Offer:
    """An asset that a step may send, to those who meet `condition` (None: everybody)."""

    asset: str
    condition: Condition | None
    span: Span


# Each kind of step says its verb; what it may send (`offers`); whether time passes at it before a contact
# goes on (`waits`); whether a contact may leave the campaign at it (`ends`).


@dataclass(frozen=True, slots=True)
class Send:
    """Send one asset."""

    verb: ClassVar = Verb.SEND
    waits: ClassVar = False
    ends: ClassVar = False

    id: str
    span: Span
    asset: str
    asset_span: Span

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The one asset."""
        return (Offer(self.asset, None, self.asset_span),)


@dataclass(frozen=True, slots=True)
class Wait:
    """Rest for a time after the previous step really happened."""

    verb: ClassVar = Verb.WAIT
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = True
    ends: ClassVar = False

    id: str
    span: Span
    duration: Duration


class Since(StrEnum):
    """Which events a `wait_for` counts: all, those since this pass was entered, those since arrival at the step."""

    EVER = "ever"
    ENTRY = "entry"
    ARRIVAL = "arrival"


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Wait until a condition holds or the time is up; what comes first wins, and is stored."""

    verb: ClassVar = Verb.WAIT_FOR
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = True
    ends: ClassVar = False

    id: str
    span: Span
    condition: Condition
    within: Duration | None  # None: forever
    since: Since
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """An ordered pool: at each turn, send the first eligible asset that the contact has not received.

    A contact who has received everything does not wait at it.
    """

    verb: ClassVar = Verb.STREAM
    waits: ClassVar = False
    ends: ClassVar = False

    id: str
    span: Span
    offers: tuple[Offer, ...]
    every: Duration
    until: Condition | None


@dataclass(frozen=True, slots=True)
class Arm:
    """One way out of a branch: taken by the first arm whose condition holds."""

    condition: Condition
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Branch:
    """Decide once by conditions, in file order, and store the decision with the facts seen."""

    verb: ClassVar = Verb.BRANCH
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = False
    ends: ClassVar = False

    id: str
    span: Span
    arms: tuple[Arm, ...]
    otherwise: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class SplitArm:
    """One arm of a split with its weight (a positive whole number)."""

    name: str
    weight: int
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Split:
    """Divide contacts by a stable hash of (contact, name); the arm is stored at the first assignment."""

    verb: ClassVar = Verb.SPLIT
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = False
    ends: ClassVar = False

    id: str
    span: Span
    name: str
    arms: tuple[SplitArm, ...]


@dataclass(frozen=True, slots=True)
class SetFacts:
    """Set fields, add tags, remove tags; a value of None clears the field."""

    verb: ClassVar = Verb.SET
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = False
    ends: ClassVar = False

    id: str
    span: Span
    fields: tuple[tuple[str, str | int | float | bool | None], ...]
    tags: tuple[str, ...]
    untags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoveStage:
    """Move the contact forward to a buyer stage; a contact who is there already, or further on, stays."""

    verb: ClassVar = Verb.STAGE
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = False
    ends: ClassVar = False

    id: str
    span: Span
    stage: str


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on at another step of this campaign, named by its id."""

    verb: ClassVar = Verb.GOTO
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = False
    ends: ClassVar = False

    id: str
    span: Span
    target: str
    target_span: Span


@dataclass(frozen=True, slots=True)
class Exit:
    """Leave the campaign with a reason."""

    verb: ClassVar = Verb.EXIT
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = False
    ends: ClassVar = True

    id: str
    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """Hand the contact to Sales, once, with its whole story; nurturing stops everywhere."""

    verb: ClassVar = Verb.HANDOFF
    offers: ClassVar[tuple[Offer, ...]] = ()
    waits: ClassVar = False
    ends: ClassVar = True

    id: str
    span: Span


Step = Send | Wait | WaitFor | Stream | Branch | Split | SetFacts | MoveStage | Goto | Exit | Handoff


@dataclass(frozen=True, slots=True)
class Sequence:
    """The steps for one buyer stage (or `any`)."""

    stage: str
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class CampaignRule:
    """Checked before every step: the first match in file order wins; exactly one of the three effects is set.

    A rule fires once in a pass; it fires again only when an event newer than its last firing makes it match.
    """

    id: str
    span: Span
    condition: Condition
    stage: str | None = None
    goto: str | None = None
    exit: str | None = None


class Again(StrEnum):
    """When a contact may enter the campaign again."""

    NEVER = "never"
    EVERY = "every"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Enter:
    """Which contacts enter."""

    condition: Condition
    backfill: bool
    again: Again
    every: Duration | None  # set when again is EVERY
    span: Span


@dataclass(frozen=True, slots=True)
class Goal:
    """Why an enrollment ends well; a goal counts only when it is reached `within` a time."""

    condition: Condition
    within: Duration | None


class Objective(StrEnum):
    """The audience of a campaign."""

    NEW = "new"  # leads; contacts who bought do not enter
    KNOWN = "known"
    CUSTOMERS = "customers"


class IfLate(StrEnum):
    """What happens to a send that is overdue by more than `late_after`."""

    SEND = "send"
    SKIP = "skip"
    SHIFT = "shift"


class Once(StrEnum):
    """Where an asset is never sent twice to one contact."""

    GLOBAL = "global"
    CAMPAIGN = "campaign"
    PASS = "pass"
    NO = "no"


class OnUnknown(StrEnum):
    """What happens to a touch whose delivery is uncertain."""

    HOLD = "hold"
    RESEND = "resend"


class OnReply(StrEnum):
    """What a reply of the contact does to this campaign."""

    GO_ON = "go-on"
    STOP = "stop"  # the contact leaves, and you get a task to answer


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast: smallest gap between two touches of this campaign, send window, what to do when late."""

    gap: Duration | None
    window: Window | None
    if_late: IfLate
    late_after: Duration


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign file."""

    name: str
    file: str
    hash: str  # of the file's bytes, hex
    span: Span
    title: str
    objective: Objective
    priority: int
    paused: bool
    enter: Enter
    exit: Condition | None
    goal: Goal | None
    pace: Pace
    once: Once
    on_unknown: OnUnknown
    sequences: tuple[Sequence, ...]
    rules: tuple[CampaignRule, ...]
    with_sales: bool = False  # goes on while the contact is with Sales
    on_reply: OnReply = OnReply.GO_ON
    moved: Mapping[str, str] = field(default_factory=dict)  # old step id -> present step id
    places: Mapping[str, Span] = field(default_factory=dict)  # dotted key outside steps and rules -> place of its value


class BodyFormat(StrEnum):
    """The format of an asset's body."""

    MARKDOWN = "md"
    HTML = "html"
    TEXT = "txt"


@dataclass(frozen=True, slots=True)
class Asset:
    """One piece of content: a template file with front matter. `name` is the file's stem."""

    name: str
    file: str
    hash: str  # of the file's bytes, hex
    span: Span
    title: str
    kind: str
    stages: tuple[str, ...]
    topics: tuple[str, ...]
    roles: tuple[str, ...]
    channel: str
    subject: str
    preheader: str
    link: str | None
    expires: int | None  # the first instant at which it is no longer sent
    variant_of: str | None
    format: BodyFormat
    body: str
    body_line: int  # the line of the file on which the body begins
    language: str | None = None  # of its text; None: the language of the contact or the project
    places: Mapping[str, Span] = field(default_factory=dict)  # front-matter key -> place of its value

    @property
    def family(self) -> str:
        """The name under which it counts as received: its own, or that of the asset it is a variant of."""
        return self.variant_of or self.name


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A way out, with the settings of its type."""

    name: str
    settings: Settings
    hourly: int | None
    daily: int | None
    ramp: tuple[int, ...]  # daily limit on the 1st, 2nd, … day of sending; afterwards `daily`
    span: Span


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: display name, one address, reply address, postal address, ways to unsubscribe."""

    name: str
    address: str
    reply_to: str | None
    postal_address: str
    unsubscribe_url: str | None  # https, with {token}
    unsubscribe_mailto: str | None
    permission_reminder: str | None = None  # why readers get these mails; None: a sentence that fits their consent


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds over all campaigns: touches per contact, and the blast guard."""

    per_contact: tuple[Rate, ...]
    guard: int  # a run that would send more than this refuses until the number is confirmed
    stop_after: int  # equal failures in a row that stop a run


@dataclass(frozen=True, slots=True)
class Segment:
    """A named, reusable condition."""

    name: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Config:
    """`nurture.yml`, read."""

    name: str
    file: str
    hash: str
    zone: str  # IANA name
    sender: Sender
    stages: tuple[str, ...]  # in order
    fields: Mapping[str, Type]  # declared custom fields
    segments: Mapping[str, Segment]
    limits: Limits
    channels: Mapping[str, Channel]
    closed: frozenset[str]  # ISO dates on which nothing is sent and that are not business days
    funnel: Funnel
    languages: tuple[str, ...] = ()  # the languages of the texts, the usual one first; empty: any
    events: frozenset[str] = frozenset()  # event kinds declared beyond records.EVENT_KINDS
    places: Mapping[str, Span] = field(default_factory=dict)  # dotted key -> place of its value
