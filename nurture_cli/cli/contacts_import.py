"""`nurture contacts import`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture_cli.cli import caret, opening, options, output
from nurture_cli.cli.import_report import tell, tell_refusal
from nurture_cli.cli.inert import inert
from nurture_cli.cli.progress import progress
from nurture_cli.errors import Findings
from nurture_cli.text.diagnostic import Severity

if TYPE_CHECKING:
    from nurture_cli.inbound.column_map import ColumnMap

TableFile = Annotated[Path, typer.Argument(metavar="FILE", help="File to import.")]
EmailColumn = Annotated[
    str | None, typer.Option("--email", metavar="COLUMN", help="Name of the email column, if it can't be guessed.")
]
ColumnMapFile = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="A saved map of columns, values, constants and tags."),
]
Maps = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=FIELD", help="Field that a column holds; `ignore` skips the column."),
]
ValueWords = Annotated[
    list[str] | None,
    typer.Option("--value", metavar="FIELD:GIVEN=MEANT", help="Meaning of a value in the file."),
]
Constants = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Set a field to the same value in every row.")
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="Encoding, such as latin-1, if it is not UTF-8 or UTF-16."),
]
Delimiter = Annotated[
    str | None, typer.Option("--delimiter", metavar="SIGN", help="Character between columns, if it can't be guessed.")
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        "--rejects",
        metavar="FILE",
        help="File for rows that the import leaves out. Default: FILE.rejects.csv or .jsonl.",
    ),
]
Preview = Annotated[bool, typer.Option("--preview", "--dry-run", help="Show what would happen, and change nothing.")]


def import_(
    ctx: typer.Context,
    file: TableFile,
    email: EmailColumn = None,
    mapping: ColumnMapFile = None,
    maps: Maps = None,
    values: ValueWords = None,
    constants: Constants = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Put this tag on every contact in the file.")
    ] = None,
    clear: Annotated[
        str | None,
        typer.Option("--clear", metavar="TEXT", help="Text of a cell that clears a field; a blank cell does not."),
    ] = None,
    raise_consent: Annotated[
        bool, typer.Option("--raise-consent", help="Let the file record more consent than a contact has here.")
    ] = False,
    not_opt_outs: Annotated[
        bool,
        typer.Option(
            "--not-opt-outs",
            help="Confirm that you may mail these contacts, though the file's name sounds like opt-outs.",
        ),
    ] = False,
    keep: Annotated[bool, typer.Option("--keep-columns", help="Refuse the file if a column fits no field.")] = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    rejects: Rejects = None,
    preview: Preview = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Import contacts from a CSV file.

    It imports everything or nothing, and accounts for every row. One address is one contact, however it is spelled, and
    the same file twice changes nothing. A suppressed address stays suppressed, an import lowers consent but never
    raises it without --raise-consent, and no contact moves back to an earlier stage. Rows that it cannot use go to a
    file of their own, with the reason; then it ends with code 1.

    It recognises column names in English, German, French, Spanish, Italian, Dutch and Portuguese. You can map a column
    that says who opted out, bounced or complained to `suppressed`: it imports those contacts, and nurture never writes
    to them. If you do not map such a column, or the file's name says so about every contact, it imports nothing and
    ends with code 3, until you map the column or skip it by name.

    It can read `consent` and `suppressed` from several columns: the least consent counts, and any opt-out. A blank cell
    says nothing unless you give it a meaning, such as --value "consent:=unknown".

    \b
    Examples:
      nurture contacts import leads.csv --preview
      nurture contacts import crm.csv --map "Status=suppressed" --map "Opt-in=consent"
      nurture contacts import leads.csv --map "Deal Stage=stage" --value "stage:Closed Won=customer"
      nurture contacts import fair.csv --mapping fair-map.yml --set source="fair 2026" --tag fair-2026
    """
    from nurture_cli.inbound.contacts import ContactOptions, contact_targets, import_contacts
    from nurture_cli.inbound.opt_out_watch import OptOutsUnreadError

    loaded, config = opening.configured_project(project)
    chosen = ContactOptions(
        column_map=column_map(mapping, contact_targets(config), maps, values, constants, tags),
        email=email,
        encoding=encoding,
        delimiter=delimiter,
        clear=clear,
        raise_consent=raise_consent,
        not_opt_outs=not_opt_outs,
        keep=keep,
        rejects=rejects or rejects_beside(file),
        preview=preview,
    )
    keys = opening.keys(loaded)
    try:
        with opening.writer(loaded, db) as connection, counting(file) as advance:
            report = import_contacts(connection, keys, config, file, chosen, now=ctx.obj.clock.now(), advance=advance)
    except OptOutsUnreadError as error:
        if json:
            tell_refusal(error, str(file))
        raise
    tell(report, preview=preview, json=json)


def column_map(
    saved: Path | None,
    targets: tuple[str, ...],
    maps: list[str] | None,
    values: list[str] | None,
    constants: list[str] | None,
    tags: list[str] | None,
) -> ColumnMap:
    """The saved map with the flags added, which win."""
    from nurture_cli.inbound.column_map import ColumnMap, read_column_map, with_flags

    found_map = ColumnMap()
    if saved is not None:
        found_map, found = read_column_map(saved, targets)
        if any(one.severity is Severity.ERROR for one in found):
            source = caret.SourceLines({str(saved): saved.read_text("utf-8", errors="replace")})
            for one in found:
                output.picture(caret.text(one, source, prefix="", colour=output.wants_colour()))
            raise Findings(f"The map {saved} has {len(found)} error{'s' if len(found) != 1 else ''}.")
    return with_flags(found_map, columns=maps or (), values=values or (), constants=constants or (), tags=tags or ())


@contextmanager
def counting(file: Path) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes the number of rows read since the last call."""
    done = 0
    with progress(f"Reading {inert(file.name)}") as draw:

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            draw(done, None)

        yield advance


def rejects_beside(file: Path) -> Path:
    """The default file for rows that an import leaves out; JSON lines stay JSON lines."""
    lines = file.suffix.lower() in (".json", ".jsonl", ".ndjson")
    return Path(f"{file}.rejects.{'jsonl' if lines else 'csv'}")
