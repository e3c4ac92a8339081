"""Contacts from a CSV file: everything or nothing, every row accounted for, and the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from nurture_cli.campaign.model import Config
from nurture_cli.errors import WrongUsage
from nurture_cli.inbound.column_map import IGNORE, ColumnMap
from nurture_cli.inbound.column_names import bare_name, plain_name
from nurture_cli.inbound.consent import CONSENT
from nurture_cli.inbound.headers import CONSENT_TIMES, known_headers, likely_target
from nurture_cli.inbound.layout import EMAIL, Layout, lay_out
from nurture_cli.inbound.opt_out import said_in_file_name, says_subscribed
from nurture_cli.inbound.opt_out_watch import OptOutsUnreadError, OptOutWatch
from nurture_cli.inbound.report import ImportReport, write_rejects
from nurture_cli.inbound.rows import CONSENT_AT, OTHER_TARGETS, SEVERAL, TEXT_TARGETS, ContactRows
from nurture_cli.inbound.table import Table, read_table
from nurture_cli.inbound.tags import read_tags
from nurture_cli.inbound.textfile import examine
from nurture_cli.keys import Keys
from nurture_cli.language.names import listed
from nurture_cli.store import incoming, waiting
from nurture_cli.store.database import Connection, rehearsing
from nurture_cli.store.runs import record_import
from nurture_cli.store.suppressions import any_imported, import_source


@dataclass(frozen=True, slots=True)
class ContactOptions:
    """How to read the file, and what it may do."""

    column_map: ColumnMap = field(default_factory=ColumnMap)
    email: str | None = None  # the column of the address, when its name does not say it
    encoding: str | None = None
    delimiter: str | None = None
    clear: str | None = None  # a cell with this text clears the fact; a blank one leaves it alone
    raise_consent: bool = False  # the file may say more consent than we have
    not_opt_outs: bool = False  # the contacts may be mailed, whatever the name of the file says
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
    """Import a CSV file; `advance` is called with the number of rows read since the last call.

    Raises Findings for a file that cannot be read as a table, WrongUsage when it is unclear what its columns mean.
    """
    file = examine(path, options.encoding)
    table = read_table(file, options.delimiter)
    targets = contact_targets(config)
    layout = _layout(table, targets, options)
    watch = OptOutWatch(table.header, layout)
    with incoming.contacts_waiting(db):
        rows = ContactRows(
            table,
            layout,
            config,
            address_hash=keys.address_hasher(),
            refuse=lambda row, reason: waiting.refuse_row(db, row, reason),
            leave=lambda address_hash, reason: incoming.note_leaving(db, address_hash, reason),
            watch=watch,
            now=now,
            tags=_tags(options),
            clear=options.clear,
            advance=advance,
        )
        incoming.lay_down_contacts(db, rows.columns, rows)
        file.refuse_if_changed()
        _refuse_opt_outs(db, path, watch, options)
        merge = incoming.Merge(
            columns=rows.columns,
            stages=config.stages,
            now=now,
            cause=import_source(path.name),
            raise_consent=options.raise_consent,
            clears=bool(options.clear),
        )
        with rehearsing(db, undo=options.preview):
            merged = incoming.merge_contacts(db, merge)
            refused, repeated = waiting.count_problems(db)
            rejects = options.rejects if refused + repeated and not options.preview else None
            report = ImportReport(
                file=str(path),
                said=table.said,
                columns={table.header[place]: target for place, target in layout.targets.items()},
                ignored=layout.ignored,
                likely=_likely(layout, options, targets),
                rows=rows.taken + rows.refused,
                new=merged.new,
                changed=merged.changed,
                same=merged.same,
                duplicate=repeated,
                skipped=refused,
                empty=rows.empty,
                notes={name: count for name, count in merged.notes.items() if count},
                given=layout.given,
                lacking=merged.lacking,
                unread_dates=rows.unread_dates,
                left_elsewhere=says_subscribed(path.name) and not any_imported(db),
                tags=merged.tags,
                other_tags=merged.other_tags,
                strange_zones=merged.strange_zones,
                reasons=waiting.reasons(db),
                rejects=rejects,
            )
            if rejects is not None:
                write_rejects(table, waiting.problems(db), rejects)
                file.refuse_if_changed()
            if merged.new or merged.changed or merged.leaving:
                record_import(db, at=now, kind="contacts", file=path.name, file_hash=file.sha256, counts=report.counts)
    return report


def _tags(options: ContactOptions) -> tuple[str, ...]:
    """The tags for every row; raises WrongUsage for a text that is not a tag."""
    try:
        return tuple(dict.fromkeys(tag for text in options.column_map.tags for tag in read_tags(text)))
    except ValueError as error:
        raise WrongUsage(str(error)) from None


def _refuse_opt_outs(db: Connection, path: Path, watch: OptOutWatch, options: ContactOptions) -> None:
    """Raise OptOutsUnreadError when the file says that contacts left, and they would be mailed."""
    agrees = incoming.anybody_agrees(db)
    found = watch.found(gives_consent=agrees)
    name = None if options.not_opt_outs else said_in_file_name(path.name)
    if name is not None and not (incoming.anybody_stays(db) if name.suppresses else agrees):
        name = None
    if found or name:
        raise OptOutsUnreadError(path, found, name)


def _likely(layout: Layout, options: ContactOptions, targets: Collection[str]) -> dict[str, str]:
    """What the unread columns probably hold, where a guess is near."""
    free = set(targets) - layout.given
    likely: dict[str, str] = {}
    for name in layout.ignored:
        if options.column_map.columns.get(name) != IGNORE and (target := likely_target(name, free)):
            likely[name] = target
            free.discard(target)
    return likely


def _with_consent_times(table: Table, layout: Layout) -> Layout:
    """The layout with the column that says when contacts agreed, where consent is given and its date is not."""
    if CONSENT not in layout.given or CONSENT_AT in layout.given:
        return layout
    free = {
        bare: place
        for place, name in enumerate(table.header)
        if name in layout.ignored and place not in layout.said and (bare := bare_name(name)) in CONSENT_TIMES
    }
    best = min(free, key=CONSENT_TIMES.index, default=None)
    if best is None:
        return layout
    place = free[best]
    left = tuple(name for name in layout.ignored if name != table.header[place])
    return replace(layout, places={**layout.places, CONSENT_AT: place}, ignored=left)


def _layout(table: Table, targets: Collection[str], options: ContactOptions) -> Layout:
    layout = lay_out(
        table,
        options.column_map,
        recognised=known_headers(table.header) | {plain_name(target): target for target in targets},
        targets=targets,
        several=SEVERAL,
        email=options.email,
    )
    layout = _with_consent_times(table, layout)
    on_purpose = {name for name, target in options.column_map.columns.items() if target == IGNORE}
    unread = [name for name in layout.ignored if name not in on_purpose]
    if options.keep and unread:
        lines = "\n".join(f"  {plain_name(name)}: text" for name in unread)
        raise WrongUsage(
            f"{table.file.path} has columns without a field to keep them in: {listed(unread)}.",
            f"Declare them in nurture.yml (or map them to `{IGNORE}`):\nfields:\n{lines}",
        )
    return layout
