"""`nurture doctor`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.tables import Column, show
from nurture_cli.errors import Busy, NurtureError
from nurture_cli.exit_code import ExitCode
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.project import Project
    from nurture_cli.store.database import Connection

app = CommandApp()

LITTLE_ROOM = 100_000_000  # bytes left on the disk


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    what: str
    verdict: Literal["ok", "note", "bad"]
    words: str
    code: int = ExitCode.FINE


@app.command()
def doctor(
    ctx: typer.Context,
    full: Annotated[
        bool, typer.Option("--full", help="Look for damage in every row; takes minutes for a million contacts.")
    ] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Check the database, lock, clock and mail delivery.

    It changes and sends nothing, but it talks to servers: it connects to each SMTP relay and logs in. If there is a
    problem, it ends with the code that `run` would end with.

    Without --full, it looks for damage in the tables that every run relies on, such as the suppressions. With --full,
    it looks at every page and row: indexes, digests, address hashes, and rows that point to other rows.

    \b
    Examples:
      nurture doctor
      nurture doctor --full
    """
    loaded, config = opening.configured_project(project)
    found = list(_examined(loaded, config, opening.database_path(loaded, db), ctx.obj.clock.now(), full=full))
    columns = (Column("what", "What"), Column("verdict", "Verdict"), Column("words", "Words", whole=True))
    show(columns, ((one.what, one.verdict, one.words) for one in found), json=json, head=None)
    problems = sum(one.verdict == "bad" for one in found)
    if problems:
        output.talk(f"{how_many(problems, 'problem')} found.")
        raise typer.Exit(max(one.code for one in found))


def _examined(project: Project, config: Config, path: Path, now: int, *, full: bool) -> Iterator[Finding]:
    yield _files(project)
    yield _key(project)
    yield from _database(project, path, now, full=full)
    yield _lock(path)
    yield from _disk(path)
    yield _library()
    yield from _variables(project, config)
    for name in config.channels:
        yield _channel(project, config, name)


def _files(project: Project) -> Finding:
    if project.errors:
        count = how_many(len(project.errors), "error")
        return Finding("files", "bad", f"{count}: see `nurture check`", ExitCode.FINDINGS)
    campaigns, assets = how_many(len(project.campaigns), "campaign"), how_many(len(project.assets), "asset")
    return Finding("files", "ok", f"{campaigns}, {assets}")


def _key(project: Project) -> Finding:
    try:
        opening.keys(project)
    except NurtureError as error:
        return _bad("key", error)
    return Finding("key", "ok", "present, private")


def _strangers(connection: Connection, project: Project, *, full: bool) -> Iterator[Finding]:
    """A key of another database, and contacts that the key does not know, whose suppressions would not be found."""
    from nurture_cli.store.health import strangers
    from nurture_cli.store.instance import verify_key

    try:
        keys = opening.keys(project)
    except NurtureError:
        return  # there is a finding about the key already
    try:
        verify_key(connection, keys)
    except NurtureError as error:
        yield _bad("key and contacts", error)
        return
    count = strangers(connection, keys) if full else 0
    if count:
        changed = how_many(count, "contact was", "contacts were")
        words = f"{changed} changed by hand: the address hash in the database does not match the address"
        yield Finding("key and contacts", "bad", words, ExitCode.REFUSED)
    else:
        yield Finding("key and contacts", "ok", "the key belongs to this database")


def _database(project: Project, path: Path, now: int, *, full: bool) -> Iterator[Finding]:
    from nurture_cli.places import JOURNAL_FILE
    from nurture_cli.store.database import open_reader
    from nurture_cli.store.health import damage, damage_of_small_tables
    from nurture_cli.store.instance import verify_instance

    try:
        connection = open_reader(path)
    except NurtureError as error:
        yield _bad("database", error)
        return
    try:
        hurt = list(damage(connection) if full else damage_of_small_tables(connection))
        sound = "undamaged" if full else "suppressions and other small tables undamaged; --full looks at everything"
        words = "; ".join(hurt)
        yield Finding("database", "bad", words, ExitCode.REFUSED) if hurt else Finding("database", "ok", sound)
        yield from _strangers(connection, project, full=full)
        yield from _zones(connection)
        for what, look in (
            ("place and clock", lambda: verify_instance(connection, path, now)),
            ("send journal", lambda: _journal(connection, path.with_name(JOURNAL_FILE))),
        ):
            try:
                look()
            except NurtureError as error:
                yield _bad(what, error)
            else:
                yield Finding(what, "ok", "as the last run left it")
    except NurtureError as error:
        yield _bad("database", error)
    finally:
        connection.close()


def _journal(connection: Connection, path: Path) -> None:
    from nurture_cli.store.journal import insist_on_writing, verify

    verify(connection, path)
    insist_on_writing(path)


def _zones(connection: Connection) -> Iterator[Finding]:
    """Contacts whose mails may arrive at the wrong hour."""
    from nurture_cli.store.health import zones

    unknown, misread = zones(connection)
    if unknown:
        having = how_many(unknown, "contact has", "contacts have")
        words = f"{having} a time zone that is not an IANA name; the project's zone is used instead"
        yield Finding("unknown zones", "note", words)
    if misread:
        having = how_many(misread, "contact has", "contacts have")
        words = f"{having} a time zone such as Etc/GMT+2, which means two hours behind UTC"
        yield Finding("zones with a sign", "note", words)


def _lock(path: Path) -> Finding:
    from nurture_cli.store.database import run_lock

    if not path.exists():
        return Finding("lock", "note", "there is no database to lock")
    try:
        with run_lock(path):
            return Finding("lock", "ok", "free")
    except Busy:
        return Finding("lock", "note", "a run is in progress")
    except NurtureError as error:
        return _bad("lock", error)


def _disk(path: Path) -> Iterator[Finding]:
    from nurture_cli.store.health import shared_disk

    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        yield Finding("disk", "bad", str(error.strerror), ExitCode.INPUT_OUTPUT)
        return
    kind = shared_disk(path)
    if kind:
        yield Finding(
            "disk",
            "bad",
            f"the database is on {kind}, where locks do not work: move it to a local disk",
            ExitCode.REFUSED,
        )
    elif free < LITTLE_ROOM:
        yield Finding("disk", "note", f"only {free // 1_000_000:,} MB free")
    else:
        yield Finding("disk", "ok", f"{free // 1_000_000_000:,} GB free")


def _library() -> Finding:
    from nurture_cli.store.health import library

    version, risky = library()
    words = f"{version}; other programs that write to the database at the same time could harm it" if risky else version
    return Finding("SQLite", "note" if risky else "ok", words)


def _variables(project: Project, config: Config) -> Iterator[Finding]:
    """The file with the secrets of the job that `nurture cron` prints, if there is one."""
    from nurture_cli.cli.cron import environment_file
    from nurture_cli.delivery.secrets import insist_on_private_variables, variables

    if not variables(config.channels.values()):
        return
    file = environment_file(project.root)
    try:
        insist_on_private_variables(file)
    except NurtureError as error:
        yield _bad("job's secrets", error)
    else:
        if file.exists():
            yield Finding("job's secrets", "ok", "private")


def _channel(project: Project, config: Config, name: str) -> Finding:
    from nurture_cli.campaign.channels import Outbox
    from nurture_cli.delivery.channels import open_messenger

    channel = config.channels[name]
    what = f"channel {name}"
    settings = channel.settings
    if isinstance(settings, Outbox) and not (project.root / settings.folder).exists():
        return Finding(what, "ok", "folder will be created on first send")  # the doctor changes nothing
    messenger = open_messenger(channel, project.root, config)
    try:
        messenger.open()
    except NurtureError as error:
        return _bad(what, error)
    finally:
        messenger.close()
    return Finding(what, "ok", f"{settings.type} is ready")


def _bad(what: str, error: NurtureError) -> Finding:
    return Finding(what, "bad", f"{error.sentence} {error.hint or ''}".strip(), error.exit_code)
