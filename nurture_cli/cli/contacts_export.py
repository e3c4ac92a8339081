"""`nurture contacts export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.listings import counted, for_programs
from nurture_cli.cli.spreadsheet import write_csv
from nurture_cli.errors import InputOutput
from nurture_cli.plural import how_many

STANDARD = Path("-")  # stands for standard output


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
    from nurture_cli.report.contact_list import for_export
    from nurture_cli.report.listing import arrays
    from nurture_cli.store.private import replacing

    loaded, config = opening.sound_project(project) if where else opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        selected = Selection(loaded, config, connection, where, ctx.obj.clock.now())
        listing = for_export(connection, selected, config.fields, raw=raw)
        names = [column.name for column in listing.columns]
        blocks = counted("Exporting", arrays(connection, listing, for_programs(config.zone)))
        if file is None or file == STANDARD:
            write_csv(output.Standard(), names, blocks)
            return
        try:
            with replacing(file) as target:
                count = write_csv(target, names, blocks)
        except OSError as error:
            raise InputOutput(f"{file} cannot be written: {error.strerror}.") from error
    output.talk(f"Wrote {how_many(count, 'contact')} to {file}.")
