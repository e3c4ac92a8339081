"""The result of an import, in words or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from nurture_cli.cli import output
from nurture_cli.cli.inert import inert
from nurture_cli.exit_code import ExitCode
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.inbound.opt_out_watch import OptOutsUnreadError
    from nurture_cli.inbound.report import ImportReport

REASONS = 10  # why rows were left out: the most frequent ones


def tell(report: ImportReport, *, preview: bool, json: bool) -> None:
    """Print the result of an import; end with code 1 when rows were left out."""
    if json:
        output.document(
            {
                "file": report.file,
                "preview": preview,
                "counts": report.counts,
                "columns": dict(report.columns),
                "ignored": list(report.ignored),
                "likely": dict(report.likely),
                "tags": [{"tag": tag, "rows": rows} for tag, rows in report.tags],
                "other_tags": report.other_tags,
                "unread_dates": list(report.unread_dates),
                "left_elsewhere": report.left_elsewhere,
                "lacking": _lacking(report),
                "zones": [{"zone": zone, "row": row, "rows": rows} for zone, row, rows in report.strange_zones],
                "reasons": [{"reason": reason, "rows": count} for reason, count in report.reasons],
                "rejects": str(report.rejects) if report.rejects else None,
            }
        )
    else:
        for line in _lines(report, preview):
            output.prose(inert(line))
    if report.skipped:
        raise typer.Exit(ExitCode.FINDINGS)


def tell_refusal(error: OptOutsUnreadError, file: str) -> None:
    """Print as JSON what a file says about contacts who left; the sentence comes from the error itself."""
    output.document(
        {
            "file": file,
            "opt_outs": [
                {"column": one.column, "read_as": one.target, "map_to": one.meant_for, "rows": one.rows,
                 "values": dict(one.examples)}
                for one in error.found
            ],
            "file_name_says": error.name and error.name.value,
        }
    )  # fmt: skip


def _lacking(report: ImportReport) -> dict[str, int] | None:
    found = report.lacking
    return (
        None
        if found is None
        else {"consent": found.consent, "consent_basis": found.basis, "consent_source": found.source}
    )


def _lines(report: ImportReport, preview: bool) -> Iterator[str]:
    from nurture_cli.inbound.layout import flag
    from nurture_cli.inbound.report import NOTES

    yield f"{report.file}: {report.said}"
    yield (
        f"{how_many(report.rows, 'row')}: {report.new:,} new, {report.changed:,} changed, {report.same:,} the same, "
        f"{report.duplicate:,} repeated, {report.skipped:,} left out."
    )
    if report.empty:
        yield f"  {how_many(report.empty, 'empty row')}"
    yield "  read: " + ", ".join(
        target if target == column else f"{target} from {column}" for column, target in report.columns.items()
    )
    if report.ignored:
        yield "  not read: " + ", ".join(report.ignored)
    if report.likely:
        yield "    to read: " + " ".join(flag("--map", f"{name}={target}") for name, target in report.likely.items())
    if report.unread_dates:
        yield "  not dates of consent, so not kept: " + ", ".join(f"`{text[:40]}`" for text in report.unread_dates)
    if report.tags:
        more = f", and {report.other_tags:,} more" if report.other_tags else ""
        yield "  tags: " + ", ".join(f"{tag} ({rows:,})" for tag, rows in report.tags) + more
    for name, count in report.notes.items():
        if name == "suppressed" and count == report.notes.get("leaving"):
            continue  # said already
        yield f"  {how_many(count, *NOTES[name])}"
        if name == "zones_unknown":
            yield "    " + ", ".join(
                f"row {row}: `{zone}`" + (f" ({rows:,} times)" if rows > 1 else "")
                for zone, row, rows in report.strange_zones
            ) + "; write a place, such as Europe/Berlin"  # fmt: skip
    for reason, count in report.reasons[:REASONS]:
        yield f"  {how_many(count, 'row')} left out: {reason}"
    if report.rejects:
        yield f"  see {report.rejects}"
    yield from _consent(report, preview)
    if report.left_elsewhere:
        yield "You have not imported a list of people who left yet. If you have one: nurture suppress import FILE"
    if preview:
        yield "Nothing was changed (--preview)."


def _consent(report: ImportReport, preview: bool) -> Iterator[str]:
    """What the contacts of the file still need before anything can be sent to them, and how to record it."""
    lacking, taken = report.lacking, report.new + report.changed + report.same
    if lacking is None:
        return
    if lacking.consent:
        if lacking.consent == taken:
            who = "The contact has no" if taken == 1 else f"None of the {taken:,} contacts has"
        else:
            who = f"{lacking.consent:,} of the {taken:,} contacts {_have(lacking.consent)} no"
        yield f"{who} recorded consent, so nothing can be sent to them."
        if "consent" not in report.given:
            yield _record(report, preview, ["consent", "consent_basis", "consent_source"])
    if number := lacking.basis_or_source:
        missing = [name for name, count in (("basis", lacking.basis), ("source", lacking.source)) if count]
        both = " and " if lacking.basis == lacking.source == number else " or "
        if number == taken:
            who = "The contact has" if taken == 1 else f"The {taken:,} contacts have"
        else:
            who = f"{number:,} of the {taken:,} contacts {_have(number)}"
        yield f"{who} consent without its {both.join(missing)}, so nothing can be sent to them."
        yield _record(report, preview, [f"consent_{name}" for name in missing])


def _record(report: ImportReport, preview: bool, names: list[str]) -> str:
    """The flags that record what is missing; contacts that are there already keep the consent that they have."""
    flags = [
        f'--value "{name}:=..."' if name in report.columns.values() else f"--set {name}=..."
        for name in names
        if name not in report.given or name in report.columns.values()
    ]
    if not preview or report.changed or report.same:
        flags.insert(0, "--raise-consent")
    return f"  Record it: {'' if preview else 'import the file again with '}{' '.join(flags)}"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
