"""`nurture suppress import`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.contacts_import import (
    Delimiter,
    EmailColumn,
    Encoding,
    Maps,
    Preview,
    Rejects,
    TableFile,
    counting,
    rejects_beside,
)
from nurture_cli.cli.inert import inert
from nurture_cli.exit_code import ExitCode
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.inbound.suppressions import SuppressionReport


def import_(
    ctx: typer.Context,
    file: TableFile,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar="REASON",
            help="Reason for rows that give none: unsubscribed, hard-bounce, complaint or manual.",
        ),
    ] = None,
    email: EmailColumn = None,
    maps: Maps = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    rejects: Rejects = None,
    preview: Preview = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Never write to the addresses of a file again.

    Give a CSV file as other tools export it, or a plain list with one address a line; the addresses need not be
    contacts. It imports everything or nothing, and accounts for every row. The same file twice changes nothing; a
    stronger reason replaces a weaker one. Addresses are kept as keyed hashes, so a contact who is imported later gets
    nothing, either.

    The reason comes from a column, if there is one: a status, a date on which somebody left, a reason (or the column
    that you name with --map COLUMN=reason). If the row does not say it, --reason counts, else the name of the file
    (`cleaned_members.csv`: hard-bounce), else `manual`. Rows that say that the contact did not leave (`subscribed`,
    `active`) are passed over; to suppress them as well, skip that column with --map COLUMN=ignore. Rows without a
    usable address go to a file of their own; then it ends with code 1.

    \b
    Examples:
      nurture suppress import unsubscribed_members_export.csv --preview
      nurture suppress import do-not-mail.txt --reason manual
      nurture suppress import crm.csv --map "Newsletter state=reason"
    """
    from nurture_cli.inbound.column_map import ColumnMap, with_flags
    from nurture_cli.inbound.suppressions import GIVEN_REASONS, SuppressionOptions, import_suppressions

    if reason is not None:
        opening.known("reason", reason, GIVEN_REASONS)
    loaded, _ = opening.configured_project(project)
    chosen = SuppressionOptions(
        column_map=with_flags(ColumnMap(), columns=maps or ()),
        email=email,
        reason=reason,
        encoding=encoding,
        delimiter=delimiter,
        rejects=rejects or rejects_beside(file),
        preview=preview,
    )
    keys = opening.keys(loaded)
    with opening.writer(loaded, db) as connection, counting(file) as advance:
        report = import_suppressions(connection, keys, file, chosen, now=ctx.obj.clock.now(), advance=advance)
    _tell(report, preview=preview, json=json)


def _tell(report: SuppressionReport, *, preview: bool, json: bool) -> None:
    """Print the result; end with code 1 when rows were left out."""
    if json:
        output.document(
            {
                "file": report.file,
                "preview": preview,
                "counts": report.counts,
                "email": report.email,
                "columns": list(report.read),
                "fallback": report.fallback,
                "by_reason": dict(report.by_reason),
                "not_understood": [{"text": text, "rows": rows} for text, rows in report.not_understood],
                "reasons": [{"reason": reason, "rows": count} for reason, count in report.reasons],
                "rejects": str(report.rejects) if report.rejects else None,
            }
        )
    else:
        for line in _lines(report, preview):
            output.prose(inert(line))
    if report.skipped:
        raise typer.Exit(ExitCode.FINDINGS)


def _lines(report: SuppressionReport, preview: bool) -> Iterator[str]:
    from nurture_cli.inbound.layout import flag

    yield f"{report.file}: {report.said}"
    parts = [f"{report.new:,} new", f"{report.stronger:,} for a stronger reason", f"{report.same:,} the same"]
    parts += [f"{report.duplicate:,} repeated", f"{report.stayed:,} passed over", f"{report.skipped:,} left out"]
    yield f"{how_many(report.rows, 'row')}: {', '.join(parts)}."
    if report.empty:
        yield f"  {how_many(report.empty, 'empty row')}"
    yield f"  addresses: {report.email or 'one a line'}"
    if report.by_reason:
        yield "  reasons: " + ", ".join(f"{count:,} {reason}" for reason, count in report.by_reason.items())
    if report.read:
        yield f"  read from: {', '.join(report.read)}; `{report.fallback}` where that says nothing"
    if report.contacts:
        one, several = "of the new addresses is a contact", "of the new addresses are contacts"
        yield f"  {how_many(report.contacts, one, several)}"
    if report.stayed:
        one, several = "row does not say that its contact opted out", "rows do not say that their contacts opted out"
        ignored = " ".join(flag("--map", f"{name}=ignore") for name in report.read)
        yield f"  {how_many(report.stayed, one, several)}; to suppress them all the same: {ignored}"
    if report.not_understood:
        texts = ", ".join(f"`{text}` ({rows:,})" for text, rows in report.not_understood)
        yield f"  not understood, and taken as {report.fallback}: {texts}"
    for reason, count in report.reasons:
        yield f"  {how_many(count, 'row')} left out: {reason}"
    if report.rejects:
        yield f"  see {report.rejects}"
    if preview:
        yield "Nothing was changed (--preview)."
