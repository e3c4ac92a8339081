"""The brief for Sales: one lead with its whole story. `brief_text.py` writes it as Markdown, `brief_record.py` as JSON.

Facts seen at the hand-off are as of then; points, waits and local times are as of now.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nurture_cli.campaign.model import Asset, Config
from nurture_cli.planner.fading import interest_of
from nurture_cli.records import Contact, Value
from nurture_cli.report.conversation_opener import opening
from nurture_cli.report.leads import due_by, is_overdue
from nurture_cli.report.readiness import Readiness, readiness
from nurture_cli.store.contacts import load_contacts
from nurture_cli.store.database import Connection
from nurture_cli.store.queries import queries
from nurture_cli.store.sales import LeadHandoff, handoffs_of
from nurture_cli.store.suppressions import Suppression, suppression_of

MOST_COLLEAGUES = 20
_SQL = queries("brief")


@dataclass(frozen=True, slots=True)
class StageMove:
    """One move from stage to stage."""

    at: int
    before: str
    stage: str
    cause: str
    reason: str
    version: str
    facts: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Happening:
    """One touch or one response; `what` is the kind of event, or the state of the touch."""

    at: int
    ours: bool
    what: str
    asset: str
    title: str
    by: str  # the channel of a touch, the source of an event
    words: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Content:
    """One asset that went to the contact, or that they responded to."""

    asset: str
    title: str
    received_at: int | None
    responses: tuple[str, ...]  # kinds, as they came


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Something that the contact asked, and nobody has answered."""

    at: int
    kind: str
    asset: str
    title: str
    words: Mapping[str, Value]
    why_open: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Another contact of the same company; `interest` as of the last run."""

    email: str
    name: str
    role: str
    stage: str
    interest: int


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything that Sales must know about one lead."""

    at: int
    zone: str  # that instants are written in
    contact: Contact
    local_zone: str
    handoff: LeadHandoff
    due_by: int | None
    overdue: bool
    no_mail: str  # why no mail may go to the contact; '' when it may
    move: StageMove | None  # to the stage of the hand-off
    readiness: Readiness
    questions: tuple[OpenQuestion, ...]  # newest first
    opening: str
    colleagues: tuple[Colleague, ...]
    more_colleagues: int
    moves: tuple[StageMove, ...]
    story: tuple[Happening, ...]
    content: tuple[Content, ...]
    before: tuple[LeadHandoff, ...]
    referred_by: str
    suppression: Suppression | None


def make_brief(db: Connection, config: Config, assets: Mapping[str, Asset], handoff: LeadHandoff, at: int) -> Brief:
    """The brief of a hand-off at instant `at`."""
    contact = load_contacts(db, [handoff.contact_id])[handoff.contact_id]
    titles = {name: asset.title for name, asset in assets.items()}
    ready = readiness(db, config.funnel, [contact.id], at)[contact.id]
    moves = tuple(_moves(db, contact.id, at))
    colleagues, more = _colleagues(db, config, contact, at)
    story = tuple(_story(db, contact.id, titles, at))
    questions = tuple(_questions(db, contact.id, titles, at))
    suppression = suppression_of(db, contact.address_hash)
    zone = contact.zone or config.zone
    return Brief(
        at=at,
        zone=config.zone,
        contact=contact,
        local_zone=zone,
        handoff=handoff,
        due_by=due_by(handoff, config),
        overdue=is_overdue(handoff, config, at),
        no_mail=_no_mail(contact, suppression, at),
        move=_arrival(moves, handoff),
        readiness=ready,
        questions=questions,
        opening=opening(ready.responses, titles, {(one.at, one.kind) for one in questions}, zone),
        colleagues=colleagues,
        more_colleagues=more,
        moves=moves,
        story=story,
        content=_content(story),
        before=tuple(one for one in handoffs_of(db, contact.id) if (one.at, one.id) < (handoff.at, handoff.id)),
        referred_by=_referrer(db, contact.id),
        suppression=suppression,
    )


def _no_mail(contact: Contact, suppression: Suppression | None, at: int) -> str:
    """Why no mail may go to a contact, a mirror of the SQL in `policy.py`; '' when it may."""
    if suppression is not None:
        return f"the address is suppressed ({suppression.reason})"
    if contact.consent not in ("express", "implied"):
        return f"consent is {contact.consent}"
    if contact.consent_basis is None or contact.consent_source is None:
        return "the basis or the source of the consent is not recorded"
    if contact.consent_until is not None and contact.consent_until <= at:
        return "consent has ended"
    return ""


def _moves(db: Connection, contact_id: int, now: int) -> Iterator[StageMove]:
    rows = db.execute(_SQL["moves"], {"id": contact_id, "now": now})
    for at, before, stage, cause, reason, version, facts in rows:
        yield StageMove(at, before, stage, cause, reason, version, json.loads(facts))


def _arrival(moves: tuple[StageMove, ...], handoff: LeadHandoff) -> StageMove | None:
    arrivals = [move for move in moves if move.stage == handoff.stage and move.at <= handoff.at]
    return arrivals[-1] if arrivals else None


def _story(db: Connection, contact_id: int, titles: Mapping[str, str], now: int) -> Iterator[Happening]:
    """Every touch that went out or may have, and every response that was not a machine's, oldest first."""
    rows = db.execute(_SQL["happenings"], {"id": contact_id, "now": now})
    for at, ours, what, asset, by, words, _ in rows:
        yield Happening(at, bool(ours), what, asset, titles.get(asset, asset), by, json.loads(words))


def _content(story: tuple[Happening, ...]) -> tuple[Content, ...]:
    """What was received or responded to, in the order of the first time."""
    received: dict[str, int] = {}
    responses: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for one in story:
        if one.asset:
            titles[one.asset] = one.title
            if one.ours:
                received.setdefault(one.asset, one.at)
            else:
                responses.setdefault(one.asset, []).append(one.what)
    return tuple(
        Content(name, title, received.get(name), tuple(dict.fromkeys(responses.get(name, ()))))
        for name, title in titles.items()
    )


def _questions(db: Connection, contact_id: int, titles: Mapping[str, str], now: int) -> Iterator[OpenQuestion]:
    """Requests that were not met, and inquiries and replies that nobody has dealt with since, newest first.

    Dealt with: the task that a reply made is done, or Sales has closed a hand-off since.
    """
    rows = db.execute(_SQL["questions"], {"id": contact_id, "now": now})
    for at, kind, asset, words, state, refused, held in rows:
        why = "nobody has answered"
        if state == "refused":
            why = f"it was not sent: {refused}"
        elif state == "open":
            why = f"it was not sent yet: {held}" if held else "it was not sent yet"
        yield OpenQuestion(at, kind, asset, titles.get(asset, asset), json.loads(words), why)


def _colleagues(db: Connection, config: Config, contact: Contact, at: int) -> tuple[tuple[Colleague, ...], int]:
    """Others of the same company, the most interested first, and how many more there are."""
    names = {"id": contact.id, "most": MOST_COLLEAGUES}
    total = db.execute(_SQL["count_colleagues"], {"id": contact.id}).fetchone()[0]
    rows = db.execute(_SQL["colleagues"], names)
    half_life = config.funnel.interest.half_life
    found = tuple(
        Colleague(email, name, role, stage, interest_of(heat, at, half_life)) for email, name, role, stage, heat in rows
    )
    return found, total - len(found)


def _referrer(db: Connection, contact_id: int) -> str:
    row = db.execute(_SQL["referrer"], (contact_id,)).fetchone()
    return "" if row is None else row[0]
