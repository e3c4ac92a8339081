"""The queue of Sales: the contacts handed over, the readiest first, and by when an answer was promised."""

from __future__ import annotations

from dataclasses import dataclass

from nurture_cli.calendars import add
from nurture_cli.campaign.model import Config
from nurture_cli.records import Contact
from nurture_cli.report.readiness import Readiness, readiness
from nurture_cli.store.contacts import load_contacts
from nurture_cli.store.database import Connection
from nurture_cli.store.sales import LeadHandoff, State, list_handoffs

ORDER = (State.OPEN, State.ACCEPTED, State.WON, State.LOST, State.REJECTED)


@dataclass(frozen=True, slots=True)
class Lead:
    """One hand-off with its contact; `due_by` is None where nothing was promised, or an answer was given."""

    handoff: LeadHandoff
    contact: Contact
    readiness: Readiness
    due_by: int | None
    overdue: bool


def leads(db: Connection, config: Config, at: int, *, closed_too: bool = False) -> list[Lead]:
    """The contacts with Sales: open ones first, then accepted ones; the readiest first, of equals the longest wait."""
    found = list_handoffs(db, closed_too=closed_too)
    ids = {handoff.contact_id for handoff in found}
    contacts = load_contacts(db, ids)
    ready = readiness(db, config.funnel, ids, at)
    made = [
        Lead(one, contacts[one.contact_id], ready[one.contact_id], due_by(one, config), is_overdue(one, config, at))
        for one in found
    ]
    return sorted(made, key=_place)


def _place(lead: Lead) -> tuple[int, str, float, int, int]:
    one = lead.handoff
    return ORDER.index(one.state), lead.readiness.grade, -lead.readiness.interest, one.at, one.id


def due_by(handoff: LeadHandoff, config: Config) -> int | None:
    """When the answer of Sales to an open hand-off is due, None without a promise; business days are the project's."""
    sales = config.funnel.sales
    if sales is None or sales.accept_within is None or handoff.state is not State.OPEN:
        return None
    return add(handoff.at, sales.accept_within, config.zone, config.closed)


def is_overdue(handoff: LeadHandoff, config: Config, at: int) -> bool:
    """Whether the promised time to answer has passed."""
    due = due_by(handoff, config)
    return due is not None and at > due
