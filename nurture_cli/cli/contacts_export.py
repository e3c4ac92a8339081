"""`nurture contacts export`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.times import iso
from nurture_cli.errors import InputOutput
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.records import Contact

STANDARD = Path("-")  # stands for standard output
# What `list`, `show` and `export` print about a contact, in this order.
FACTS = (
    "email", "first_name", "last_name", "company", "job_title", "role", "phone", "country", "language", "source",
    "stage", "zone", "consent", "suppressed", "consent_basis", "consent_source",
)  # fmt: skip


def export(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Output file, readable only by you. Default, or -: standard output."),
    ] = None,
    where: options.Where = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write cells as they are, even if a spreadsheet would run them as formulas.")
    ] = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Export contacts as CSV.

    `contacts import` reads the file as it is, also in another project: its column `suppressed` says which contacts left
    and why, so nurture does not write to them there, either. A cell that a spreadsheet would run as a formula gets an
    apostrophe in front; the import removes it again.

    \b
    Examples:
      nurture contacts export contacts.csv
      nurture contacts export --where 'tag("fair-2026")' > fair.csv
    """
    from nurture_cli.planner.selection import Selection
    from nurture_cli.store.private import replacing

    loaded, config = opening.sound_project(project) if where else opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        selected = Selection(loaded, config, connection, where, ctx.obj.clock.now())
        if file is None or file == STANDARD:
            _write(output.Standard(), selected, config, raw)
            return
        try:
            with replacing(file) as target:
                _write(target, selected, config, raw)
        except OSError as error:
            raise InputOutput(f"{file} cannot be written: {error.strerror}.") from error
        count = len(selected)
    output.talk(f"Wrote {how_many(count, 'contact')} to {file}.")


def _write(target: Any, contacts: Iterable[Contact], config: Config, raw: bool) -> None:
    from nurture_cli.inbound.cells import guarded
    from nurture_cli.inbound.tags import tags_cell

    rows = csv.writer(target)
    rows.writerow([*FACTS, "consent_at", "consent_until", *config.fields, "tags"])
    for contact in contacts:
        cells = [
            *(getattr(contact, name) for name in FACTS),
            iso(contact.consent_at, config.zone),
            iso(contact.consent_until, config.zone),
            *(_cell(contact.fields.get(name)) for name in config.fields),
            tags_cell(contact.tags),
        ]
        rows.writerow(cell if raw or not isinstance(cell, str) else guarded(cell) for cell in cells)


def _cell(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value
