"""Contacts from a CSV file: all of it or nothing, every row accounted for, and the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nurture_cli.campaign.model import Config
from nurture_cli.errors import WrongUsage
from nurture_cli.inbound.column_map import IGNORE, ColumnMap
from nurture_cli.inbound.column_names import plain_name
from nurture_cli.inbound.layout import EMAIL, Layout, lay_out
from nurture_cli.inbound.report import ImportReport, write_rejects
from nurture_cli.inbound.rows import OTHER_TARGETS, TEXT_TARGETS, ContactRows
from nurture_cli.inbound.table import Table, read_table
from nurture_cli.inbound.textfile import examine
from nurture_cli.keys import Keys
from nurture_cli.store import incoming, waiting
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.runs import record_import

# Plain column names that say without doubt what they hold. `title` is not among them: it may be `Dr.`.
_ALIASES = {
    "firstname": "first_name", "given_name": "first_name", "forename": "first_name",
    "lastname": "last_name", "surname": "last_name", "family_name": "last_name",
    "company_name": "company", "organization": "company", "organisation": "company",
    "jobtitle": "job_title",
    "phone_number": "phone", "telephone": "phone",
    "lead_source": "source",
    "time_zone": "zone", "timezone": "zone",
    "consent_date": "consent_at",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContactOptions:
    """How to read the file, and what it may do."""

    column_map: ColumnMap = field(default_factory=ColumnMap)
    email: str | None = None  # the column of the address, when its name does not say it
    encoding: str | None = None
    delimiter: str | None = None
    clear: str | None = None  # a cell with this text clears the fact; a blank one leaves it alone
    raise_consent: bool = False  # the file may say more consent than we have
    keep: bool = False  # refuse to leave a column unread
    rejects: Path | None = None  # where to write the rows that are left out
    preview: bool = False  # count everything, then undo it


def contact_targets(config: Config) -> tuple[str, ...]:
    """What a column of a contacts file may be mapped to."""
    return (EMAIL, *TEXT_TARGETS, *OTHER_TARGETS, *config.fields)


def import_contacts(
    db: Connection,
    keys: Keys,
    config: Config,
    path: Path,
    options: ContactOptions,
    *,
    now: int,
    advance: Callable[[int], None] | None = None,
) -> ImportReport:
    """Take a CSV file into the store; `advance` is called with the number of rows read since the last call.

    Raises Findings for a file that cannot be read as a table, WrongUsage when it is unclear what its columns mean.
    """
    file = examine(path, options.encoding)
    table = read_table(file, options.delimiter)
    layout = _layout(table, config, options)
    with incoming.contacts_waiting(db):
        rows = ContactRows(
            table,
            layout,
            config,
            address_hash=keys.address_hasher(),
            refuse=lambda row, reason: waiting.refuse_row(db, row, reason),
            now=now,
            tags=options.column_map.tags,
            clear=options.clear,
            advance=advance,
        )
        incoming.lay_down_contacts(db, rows.columns, rows)
        file.refuse_if_changed()
        merge = incoming.Merge(
            columns=rows.columns,
            stages=config.stages,
            now=now,
            cause=f"import {path.name}",
            raise_consent=options.raise_consent,
            clears=bool(options.clear),
        )
        try:
            with writing(db):
                merged = incoming.merge_contacts(db, merge)
                refused, repeated = waiting.count_problems(db)
                rejects = options.rejects if refused + repeated and not options.preview else None
                report = ImportReport(
                    file=str(path),
                    said=table.said,
                    columns={target: table.header[place] for target, place in layout.places.items()},
                    ignored=layout.ignored,
                    rows=rows.taken + rows.refused,
                    new=merged.new,
                    changed=merged.changed,
                    same=merged.same,
                    duplicate=repeated,
                    skipped=refused,
                    empty=rows.empty,
                    notes={name: count for name, count in merged.notes.items() if count},
                    reasons=waiting.reasons(db),
                    rejects=rejects,
                )
                if rejects is not None:
                    write_rejects(table, waiting.problems(db), rejects)
                    file.refuse_if_changed()
                if options.preview:
                    raise _UndoneError
                if merged.new or merged.changed:
                    record_import(
                        db, at=now, kind="contacts", file=path.name, file_hash=file.sha256, counts=report.counts
                    )
        except _UndoneError:
            pass
    return report


class _UndoneError(Exception):
    """Undoes the transaction of a preview."""


def _layout(table: Table, config: Config, options: ContactOptions) -> Layout:
    targets = contact_targets(config)
    layout = lay_out(
        table,
        options.column_map,
        recognised=_ALIASES | {plain_name(target): target for target in targets},
        targets=targets,
        email=options.email,
    )
    on_purpose = {name for name, target in options.column_map.columns.items() if target == IGNORE}
    unread = [name for name in layout.ignored if name not in on_purpose]
    if options.keep and unread:
        lines = "\n".join(f"  {plain_name(name)}: text" for name in unread)
        raise WrongUsage(
            f"{len(unread)} columns of {table.file.path} have no place to be kept in.",
            f"Declare them in nurture.yml (or map them to `{IGNORE}`):\nfields:\n{lines}",
        )
    return layout
