"""A scratch database with contacts and events from files, for a plan without the project's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.errors import WrongUsage

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.inbound.report import ImportReport
    from nurture_cli.project import Project
    from nurture_cli.store.database import Connection

_SECRET = bytes(32)  # a scratch database needs no secret: nothing leaves it


@contextmanager
def scratch_store(
    project: Project,
    config: Config,
    contacts: Path,
    events: Path | None,
    at: int,
    imported: Callable[[ImportReport], None],
) -> Iterator[Connection]:
    """A database that vanishes when the block ends, with the contacts and events of the files.

    The campaigns count as running before the contacts came. `imported` gets the report of each file.
    """
    for file in (contacts, events):
        _insist_on_no_link(file)
    from nurture_cli.inbound.contacts import ContactOptions, import_contacts
    from nurture_cli.keys import Keys
    from nurture_cli.planner.plan import make_plan
    from nurture_cli.runner.apply import apply_plan
    from nurture_cli.store.create import scratch

    keys = Keys(_SECRET)
    connection = scratch(at)
    try:
        # So that no campaign passes over contacts as matching before its first run.
        apply_plan(make_plan(project, connection, at))
        imported(import_contacts(connection, keys, config, contacts, ContactOptions(), now=at))
        if events is not None:
            from nurture_cli.inbound.events import EventOptions, import_events

            imported(import_events(connection, keys, config, events, EventOptions(), now=at))
        yield connection
    finally:
        connection.close()


def _insist_on_no_link(file: Path | None) -> None:
    """Raise WrongUsage for a link: in CI a stranger may have made it, and messages quote what nurture reads."""
    if file is not None and file.is_symlink():
        raise WrongUsage(f"{file} is a link to {file.readlink()}.", "Name the file itself; a plan follows no links.")
