"""Contacts who are with Sales: what Sales answers, and how a contact returns.

Call the functions that change something inside `writing`. They raise OutOfPlace for an answer that does not fit the
contact's stage, and WrongUsage for an undeclared reason; then the transaction must be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from nurture_cli.calendars import add
from nurture_cli.campaign.funnel import ScorePolicy
from nurture_cli.errors import OutOfPlace, WrongUsage
from nurture_cli.language.names import nearest
from nurture_cli.store.contacts import set_stage
from nurture_cli.store.queries import queries
from nurture_cli.text.nodes import clip
from nurture_cli.timing import format_instant

if TYPE_CHECKING:
    from nurture_cli.campaign.funnel import Funnel
    from nurture_cli.campaign.model import Config
    from nurture_cli.records import Contact
    from nurture_cli.store.database import Connection

_SQL = queries("sales")


class State(StrEnum):
    """What has become of a hand-off."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class LeadHandoff:
    """One time that a contact was with Sales; still is, if `closed_at` is None."""

    id: int
    contact_id: int
    at: int
    cause: str  # `stage <name>`, or campaign/step
    stage: str  # in which the contact stood then
    version: str  # of the agreement
    sort: str  # new, known-passive, known-active
    state: State
    answered_at: int | None
    closed_at: int | None
    reason: str | None
    value: float | None


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A contact who returned from Sales, and what follows."""

    before: str
    stage: str
    reason: str
    rest_until: int | None  # None: no rest
    campaign: str | None  # that it enters then; None: whichever lets it in


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer of Sales did; `changed` is false when it was given before."""

    changed: bool
    stage: str  # in which the contact stands now
    given_back: GivenBack | None = None


def handoffs_of(db: Connection, contact_id: int) -> list[LeadHandoff]:
    """The hand-offs of a contact, oldest first."""
    return [_handoff(row) for row in db.execute(_SQL["of_contact"], (contact_id,))]


def list_handoffs(db: Connection, *, closed_too: bool = False) -> list[LeadHandoff]:
    """Hand-offs, oldest first."""
    return [_handoff(row) for row in db.execute(_SQL["list"], {"all": int(closed_too)})]


def _handoff(row: tuple[Any, ...]) -> LeadHandoff:
    id, contact_id, at, cause, stage, version, sort, state, *rest = row
    return LeadHandoff(id, contact_id, at, cause, stage, version, sort, State(state), *rest)


def last_handoff(db: Connection, contact: Contact) -> LeadHandoff:
    """The last time that a contact was handed to Sales; raises OutOfPlace when it never was."""
    found = handoffs_of(db, contact.id)
    if not found:
        raise OutOfPlace(
            f"{contact.email} was never handed to Sales.",
            "`nurture sales list` lists the leads; `nurture explain EMAIL` says what a contact still needs.",
        )
    return found[-1]


def accept(db: Connection, contact: Contact, config: Config, *, now: int) -> Answered:
    """Sales takes a contact over."""
    handoff = last_handoff(db, contact)
    if handoff.state is State.ACCEPTED:
        return Answered(False, contact.stage)
    _demand(handoff, contact, config, State.OPEN)
    _answer(db, handoff, State.ACCEPTED, now)
    sales = config.funnel.sales
    return Answered(True, _forward(db, contact, config, sales.accepted if sales else None, "sales accept", now))


def reject(db: Connection, contact: Contact, config: Config, reason: str, *, now: int) -> Answered:
    """Sales returns a contact, for a reason that leads back from the contact's stage."""
    return _close(db, contact, config, reason, State.REJECTED, "sales reject", now, State.OPEN, State.ACCEPTED)


def lose(db: Connection, contact: Contact, config: Config, reason: str, *, now: int) -> Answered:
    """Sales had accepted a contact who then did not buy."""
    return _close(db, contact, config, reason, State.LOST, "sales lost", now, State.ACCEPTED)


def _close(
    db: Connection, contact: Contact, config: Config, reason: str, state: State, cause: str, now: int, *before: State
) -> Answered:
    handoff = last_handoff(db, contact)
    known_reason(config.funnel, contact.stage, reason)
    if handoff.state is state and handoff.reason == reason:
        return Answered(False, contact.stage)
    _demand(handoff, contact, config, *before)
    _answer(db, handoff, state, now, reason=reason)
    back = give_back(db, contact, config, reason, cause=cause, now=now)
    return Answered(True, back.stage, back)


def win(db: Connection, contact: Contact, config: Config, value: float | None, *, now: int) -> Answered:
    """A contact has bought, for so much if that is known."""
    handoff = last_handoff(db, contact)
    if handoff.state is State.WON and value in (None, handoff.value):
        return Answered(False, contact.stage)
    if handoff.state is State.WON and handoff.value is None:  # known as a sale before what it is worth
        db.execute(_SQL["value"], {"id": handoff.id, "value": value})
        return Answered(True, contact.stage)
    _demand(handoff, contact, config, State.OPEN, State.ACCEPTED)
    _answer(db, handoff, State.WON, now, value=value)
    sales = config.funnel.sales
    return Answered(True, _forward(db, contact, config, sales.won if sales else None, "sales won", now))


def _answer(
    db: Connection,
    handoff: LeadHandoff,
    state: State,
    now: int,
    *,
    reason: str | None = None,
    value: float | None = None,
) -> None:
    closed_at = None if state is State.ACCEPTED else now
    row = {"id": handoff.id, "state": state, "now": now, "closed_at": closed_at, "reason": reason, "value": value}
    db.execute(_SQL["answer"], row)
    db.execute(_SQL["note_change"], (handoff.contact_id,))


def _demand(handoff: LeadHandoff, contact: Contact, config: Config, *states: State) -> None:
    """Raise OutOfPlace, with what is possible instead, unless the hand-off is in one of these states."""
    if handoff.state in states:
        return
    if handoff.closed_at is None:
        told = "was accepted already" if handoff.state is State.ACCEPTED else "was not accepted yet"
        raise OutOfPlace(f"{contact.email} {told}.", f"Possible now: {', '.join(_POSSIBLE[handoff.state])}.")
    about = f", for {handoff.reason}" if handoff.reason else ""
    about += f", value {handoff.value:g}" if handoff.value is not None else ""
    when = format_instant(handoff.closed_at, config.zone)
    raise OutOfPlace(
        f"{contact.email} is not with Sales: {handoff.state} on {when}{about}.",
        "An answer is final. A contact who becomes a lead again is handed over again.",
    )


_POSSIBLE = {
    State.OPEN: ("`sales accept`", "`sales reject`", "`sales won`"),
    State.ACCEPTED: ("`sales reject`", "`sales lost`", "`sales won`"),
}


def _forward(db: Connection, contact: Contact, config: Config, stage: str | None, cause: str, now: int) -> str:
    """Move a contact to a stage that is further on; returns the contact's stage after that."""
    funnel = config.funnel
    if stage is None or funnel.rank(stage) <= funnel.rank(contact.stage):
        return contact.stage
    set_stage(db, contact, stage, stages=config.stages, cause=cause, now=now, version=funnel.version)
    return stage


def give_back(
    db: Connection, contact: Contact, config: Config, reason: str, *, cause: str, now: int, to: str | None = None
) -> GivenBack:
    """Move a contact back along the way that is declared for the reason, and record what follows.

    Raises OutOfPlace when there is none, or when it does not lead to the stage `to`.
    """
    funnel = config.funnel
    known_reason(funnel, contact.stage, reason)
    stage = funnel.way_back(contact.stage, reason)
    if stage is None or to not in (None, stage):
        aim = f" to {to}" if to else ""
        said = f"nurture.yml has no way back from {contact.stage}{aim} for {reason}."
        raise OutOfPlace(said, ways(funnel, contact.stage))
    track = funnel.track(reason)
    zone = contact.zone or config.zone
    rest_until = add(now, track.rest, zone, config.closed) if track and track.rest else now
    set_stage(db, contact, stage, stages=config.stages, cause=cause, now=now, reason=reason, version=funnel.version)
    db.execute(_SQL["close_recycling"], {"id": contact.id, "now": now, "why": "given back again"})
    row = {
        "id": contact.id, "now": now, "reason": reason, "rest_until": rest_until,
        "interest": track.interest if track else ScorePolicy.KEEP, "campaign": (track and track.then) or "",
    }  # fmt: skip
    db.execute(_SQL["give_back"], row)
    rests = rest_until if rest_until > now else None
    return GivenBack(contact.stage, stage, reason, rests, (track and track.then) or None)


def known_reason(funnel: Funnel, stage: str, reason: str) -> None:
    """Raise WrongUsage, with the nearest declared reason, for a reason that no way back names."""
    if reason in funnel.reasons:
        return
    if not funnel.reasons:
        raise OutOfPlace("No stage in nurture.yml has a way back.", WRITE_ONE)
    near = nearest(reason, funnel.reasons)
    guess = f"Did you mean {near}? " if near else ""
    raise WrongUsage(f"There is no reason {clip(reason)}.", guess + ways(funnel, stage))


WRITE_ONE = "Write one below the stage, for example: `back: [{to: recycled, for: [no-budget]}]`"


def ways(funnel: Funnel, stage: str) -> str:
    """The ways back from a stage, in words."""
    edges = funnel.by_name[stage].back if stage in funnel.by_name else ()
    if not edges:
        return f"{stage} has no way back in nurture.yml. {WRITE_ONE}"
    told = "; ".join(f"to {edge.to} for {', '.join(edge.reasons)}" for edge in edges)
    return f"From {stage} a contact goes back {told}."
