"""A plan without a database: contacts and events from files, in a scratch one."""

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
    """A database that vanishes, with what the files say, as if the campaigns had been on before anybody came.

    `imported` is told what came of each file.
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
        # So that nobody is passed over as one who matched before a campaign's first run.
        apply_plan(make_plan(project, connection, at))
        imported(import_contacts(connection, keys, config, contacts, ContactOptions(), now=at))
        if events is not None:
            from nurture_cli.inbound.events import EventOptions, import_events

            imported(import_events(connection, keys, config, events, EventOptions(), now=at))
        yield connection
    finally:
        connection.close()


def _insist_on_no_link(file: Path | None) -> None:
    """Raise WrongUsage for a link: in CI it may be a stranger's, and messages quote from what is read."""
    if file is not None and file.is_symlink():
        raise WrongUsage(f"{file} is a link to {file.readlink()}.", "Name the file itself; a plan follows no links.")
