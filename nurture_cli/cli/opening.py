"""How a command finds its project, its database, its contact and its moment."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.cli import caret, output
from nurture_cli.clock import Clock
from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.places import DATABASE
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.inbound.report import ImportReport
    from nurture_cli.keys import Keys
    from nurture_cli.project import Project
    from nurture_cli.records import Contact
    from nurture_cli.store.database import Connection

MOST_SHOWN = 10  # errors in the files that commands other than `check` show
MADE_BY = {"campaign": "`nurture new campaign NAME`", "asset": "`nurture new asset NAME`"}


def find_root(folder: Path | None) -> Path:
    """The folder of the project: the one that is named, or the nearest one upward."""
    from nurture_cli.places import find_project

    return find_project(Path.cwd() if folder is None else folder)


def load_project(folder: Path | None) -> Project:
    """The project as its files say, with everything that is wrong in them."""
    from nurture_cli.project import load_project as load

    return load(find_root(folder))


def sound_project(folder: Path | None) -> tuple[Project, Config]:
    """The project and its settings; when a file has an error, shows the errors and raises Findings."""
    project = load_project(folder)
    return project, _sound_config(project)


def configured_project(folder: Path | None) -> tuple[Project, Config]:
    """The project and its settings, when nurture.yml is sound; campaigns and templates may have errors."""
    project = load_project(folder)
    return project, _sound_config(project) if project.config is None else project.config


def _sound_config(project: Project) -> Config:
    from nurture_cli.project import require_sound

    try:
        return require_sound(project)
    except Findings:
        _show_errors(project)
        raise


def _show_errors(project: Project) -> None:
    source = caret.SourceLines(project.sources)
    prefix = caret.prefix(project.root)
    colour = output.wants_colour(sys.stderr)
    for found in project.errors[:MOST_SHOWN]:
        output.picture(caret.text(found, source, prefix=prefix, colour=colour))


def database_path(project: Project, db: Path | None) -> Path:
    """The file of the database."""
    return project.root / DATABASE if db is None else db


@contextmanager
def reading(project: Project, db: Path | None) -> Iterator[Connection]:
    """A connection that cannot write; refuses a key file that is not the database's, but does without any."""
    from nurture_cli.keys import KEY_FILE
    from nurture_cli.store.database import open_reader, translated
    from nurture_cli.store.instance import verify_key

    path = database_path(project, db)
    connection = open_reader(path)
    try:
        with translated(path):
            # What was lost for good must not lock the list away: it can still be looked at and exported.
            if os.path.lexists(project.root / KEY_FILE):
                verify_key(connection, keys(project))
            yield connection
    finally:
        connection.close()


def to_plan(
    project: Project, config: Config, db: Path | None, contacts: Path | None, events: Path | None, at: int
) -> AbstractContextManager[Connection]:
    """What a plan is made on: the database, or a scratch one when contacts come from a file."""
    if contacts is None:
        keys(project)  # without them a run would fail, so a plan must not promise one
        return reading(project, db)
    from nurture_cli.runner.scratch import scratch_store

    return scratch_store(project, config, contacts, events, at, _tell_left_out)


def _tell_left_out(report: ImportReport) -> None:
    """Report rows that the plan leaves out."""
    for reason, count in report.reasons:
        output.talk(f"{report.file}: {how_many(count, 'row')} left out: {reason}")


@contextmanager
def changing(project: Project, db: Path | None) -> Iterator[Connection]:
    """A connection inside one transaction, which is committed when the block ends well."""
    from nurture_cli.store.database import writing

    with writer(project, db) as connection, writing(connection):
        yield connection


def writer(project: Project, db: Path | None) -> AbstractContextManager[Connection]:
    """A connection that may write to the project's database."""
    return writer_at(project.root, database_path(project, db))


@contextmanager
def writer_at(root: Path, path: Path) -> Iterator[Connection]:
    """A connection that may write to the database at `path`, which must be that of the project's key.

    The one door through which commands write: the send journal learns who was suppressed when it is closed.
    """
    from nurture_cli.keys import read_keys
    from nurture_cli.places import JOURNAL_FILE
    from nurture_cli.store.database import open_writer
    from nurture_cli.store.instance import verify_key
    from nurture_cli.store.journal import witnessing

    secret = read_keys(root)
    announce_waiting()
    connection = open_writer(path)
    try:
        verify_key(connection, secret)
        with witnessing(connection, path.with_name(JOURNAL_FILE)):
            yield connection
    finally:
        connection.close()


def announce_waiting() -> None:
    """Say on a terminal why nothing happens while another command writes, such as a large import."""
    from nurture_cli.store.locks import tell_of_waiting

    if output.is_terminal(sys.stderr):
        tell_of_waiting(lambda: output.talk("Another command is writing to the database. Waiting for it ..."))


def keys(project: Project) -> Keys:
    """The project's keys."""
    from nurture_cli.keys import read_keys

    return read_keys(project.root)


def contact(project: Project, connection: Connection, email: str) -> Contact:
    """The contact with this address; raises WrongUsage when there is none."""
    from nurture_cli.store.contacts import find_contact

    found = find_contact(connection, keys(project), email)
    if found is None:
        raise no_contact(email)
    return found


def no_contact(email: str) -> WrongUsage:
    """The error for an address that belongs to no contact."""
    return WrongUsage(f"There is no contact {email[:80]}.", "`nurture contacts list` lists all contacts.")


def address_hash(project: Project, connection: Connection, text: str) -> bytes:
    """The hash of an address, or of the one that a token stands for; raises WrongUsage for any other text."""
    from nurture_cli.inbound.tokens import Addressees

    try:
        return Addressees(connection, keys(project)).address_hash(text)
    except ValueError as error:
        raise WrongUsage(f"`{text[:80]}` is not an email address. {error}") from None


def instant(clock: Clock, at: str | None, zone: str) -> int:
    """The moment that is asked about: now, or the one that is named."""
    from nurture_cli.timing import parse_instant

    if at is None:
        return clock.now()
    try:
        return parse_instant(at, zone)
    except ValueError as error:
        raise WrongUsage(f"--at {at}: {error}") from None


def speak_of_the_past(instant: int, facts_at: int, zone: str) -> None:
    """Say what the answer rests on when its instant is past: the store keeps no former facts of a contact."""
    from nurture_cli.timing import format_instant

    if instant < facts_at:
        output.talk(
            f"{format_instant(instant, zone)} is in the past. Conditions count the events and messages until then;"
            " everything else is as it is now: facts, consent, tags, stages, scores, limits and steps in campaigns."
        )


def known(what: str, name: str, names: Iterable[str], *, listed_by: str | None = None) -> None:
    """Raise WrongUsage when `name` is not among `names`, with the nearest right one, or all, or what lists them."""
    available = sorted(names)
    if name in available:
        return
    near = difflib.get_close_matches(name, available, n=1)
    if near:
        hint = f"Did you mean {near[0]}?"
    elif listed_by:
        hint = f"{listed_by} lists them."
    else:
        hint = f"Choose from: {', '.join(available)}." if available else f"No {what} exists yet."
    making = f" {MADE_BY[what]} makes {'a new one' if available else 'one'}." if what in MADE_BY else ""
    raise WrongUsage(f"There is no {what} {name}.", hint + making)
