"""`nurture contacts`: the group, `list` and `show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.contacts_change import add, set_, tag, untag
from nurture_cli.cli.contacts_export import export
from nurture_cli.cli.contacts_import import import_
from nurture_cli.cli.contacts_refer import refer
from nurture_cli.cli.inert import inert
from nurture_cli.cli.listings import show_listing
from nurture_cli.cli.tables import Column
from nurture_cli.cli.times import iso

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.records import Contact
    from nurture_cli.store.database import Connection

app = CommandApp()

_FOR_PEOPLE = (
    Column("email", "Contact"), Column("name", "Name"), Column("company", "Company"), Column("stage", "Stage"),
    Column("consent", "Consent"), Column("suppressed", "Suppressed"), Column("tags", "Tags"),
)  # fmt: skip


@app.callback()
def contacts() -> None:
    """Import, list, show, change, tag and export contacts."""


@app.command(name="list")
def list_(
    ctx: typer.Context,
    where: options.Where = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """List contacts: all, or those who meet a condition.

    `suppressed` says why nurture never writes to a contact, whatever their consent; it is blank for all others.

    \b
    Examples:
      nurture contacts list
      nurture contacts list --where 'stage == "lead" and not received("case-study")'
      nurture contacts list --where 'days_since("visited") < 7' --json
    """
    from nurture_cli.planner.selection import Selection
    from nurture_cli.report import contact_list

    loaded, config = opening.sound_project(project) if where else opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        selected = Selection(loaded, config, connection, where, ctx.obj.clock.now())
        if json:
            listing = contact_list.for_programs(selected, config.fields)
        elif output.is_terminal():
            listing = contact_list.for_people(selected)
        else:
            listing = contact_list.for_tables(selected, config.fields)
        titles = {column.name: column for column in _FOR_PEOPLE}
        columns = [titles.get(told.name, Column(told.name, "")) for told in listing.columns]
        none = "No contact matches." if where else "There are no contacts yet: `nurture contacts import FILE`."
        show_listing(connection, listing, columns, config.zone, json=json, nothing=none)


def record(contact: Contact, config: Config) -> dict[str, Any]:
    """A contact as JSON."""
    from nurture_cli.report.contact_list import FACTS, TIMES

    return {
        "id": contact.id,
        **{name: getattr(contact, name) for name in FACTS},
        "fields": {name: contact.fields.get(name) for name in config.fields},
        "tags": sorted(contact.tags),
        **{name: iso(getattr(contact, name), config.zone) for name in TIMES},
    }


@app.command(name="show")
def show_(
    ctx: typer.Context,
    email: options.Email,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Show everything that is kept about one contact.

    It shows facts, fit and interest, consent, stages with their reasons, the times as a lead, referrals, events,
    requests, messages, decisions and suppressions: enough to answer a request for access. `nurture explain` says what
    comes next for the contact.

    \b
    Examples:
      nurture contacts show ann@example.com
      nurture contacts show ann@example.com --json
    """
    loaded, config = opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        known = {
            **record(contact, config),
            **_worth(connection, contact, config, ctx.obj.clock.now()),
            **_story(connection, contact, config.zone),
        }
    if json:
        output.document(known)
        return
    for name, value in known.items():
        match value:
            case None | [] | {}:
                pass
            case [{}, *_]:
                output.data(f"{name}:")
                for entry in value:
                    output.data(
                        "  " + ", ".join(f"{key} {inert(str(v))}" for key, v in entry.items() if v or v is False)
                    )
            case list():
                output.data(f"{name}: {inert(', '.join(value))}")
            case dict():
                for field, held in value.items():
                    if held is not None:
                        output.data(f"{field}: {inert(str(held))}")
            case _:
                output.data(f"{name}: {inert(str(value))}")


def _worth(connection: Connection, contact: Contact, config: Config, now: int) -> dict[str, Any]:
    """The furthest stage of a contact, and how ready they are now: the rules that gave points, and the responses."""
    from nurture_cli.report.readiness import readiness

    ready = readiness(connection, config.funnel, [contact.id], now)[contact.id]
    return {
        "furthest_stage": contact.furthest_stage or contact.stage,
        "grade": ready.grade,
        "fit": ready.fit,
        "fit_why": [{"points": part.points, "for": part.condition} for part in ready.fit_why],
        "interest": ready.interest,
        "interest_why": [
            {
                "kind": one.kind, "asset": one.asset, "at": iso(one.at, config.zone), "points": one.points,
                "left": round(one.left, 1),
            }
            for one in ready.responses
        ],
    }  # fmt: skip


def _story(connection: Connection, contact: Contact, zone: str) -> dict[str, list[dict[str, Any]]]:
    """Everything else that is kept about a contact, with instants as times of the zone."""
    from nurture_cli.store.dossier import dossier

    kept = dossier(connection, contact.id)
    return {
        noun: [{name: _timed(name, value, zone) for name, value in row.items()} for row in rows]
        for noun, rows in kept.items()
        if noun not in ("contact", "tags", "standing")
    }


def _timed(name: str, value: Any, zone: str) -> Any:
    is_instant = name == "at" or name.endswith(("_at", "_since", "_until"))
    return iso(value, zone) if is_instant and isinstance(value, int) else value


app.command(name="import")(import_)
app.command(name="add")(add)
app.command(name="set")(set_)
app.command(name="refer")(refer)
app.command(name="tag")(tag)
app.command(name="untag")(untag)
app.command(name="export")(export)
