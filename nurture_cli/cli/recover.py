"""`nurture recover`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.times import written
from nurture_cli.exit_code import ExitCode
from nurture_cli.plural import how_many

app = CommandApp()


@app.command()
def recover(
    ctx: typer.Context,
    forget_missing: Annotated[
        bool, typer.Option("--forget-missing", help="Leave out sends to contacts who were deleted for good.")
    ] = False,
    without_journal: Annotated[
        bool,
        typer.Option(
            "--without-journal", help="Begin a new journal, if the old one is lost and this database is the latest."
        ),
    ] = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Update a restored or outdated database with what was really sent and who left.

    The send journal beside the database records every mail that left. A send that the database does not know, because
    it is yesterday's backup, becomes a touch in doubt, so that no contact gets it twice. Then the exit code is 4, and
    `nurture touches list --state unknown` shows these touches. Restore your contacts before you run this.

    The journal also records suppressions, and what lifted them: contacts who unsubscribed, complained or bounced after
    the backup was made, or whom you suppressed, stay suppressed. It does not know what else happened, such as events,
    imports and answers of Sales: record these again before the next run.

    \b
    Examples:
      nurture recover
      nurture recover --without-journal
    """
    from nurture_cli.places import JOURNAL_FILE
    from nurture_cli.runner.recover import recover_from_journal
    from nurture_cli.store.database import run_lock
    from nurture_cli.store.instance import read_instance

    loaded, config = opening.configured_project(project)
    path = opening.database_path(loaded, db)
    with run_lock(path), opening.writer_at(loaded.root, path) as connection:
        last_run = read_instance(connection).last_run_at
        found = recover_from_journal(
            connection,
            path.with_name(JOURNAL_FILE),
            ctx.obj.clock.now(),
            forget_missing=forget_missing,
            without_journal=without_journal,
        )
    missing = how_many(
        found.in_doubt, "send was missing and is now in doubt", "sends were missing and are now in doubt"
    )
    output.prose(f"{missing}; the database knew {found.known:,}.")
    if found.missing:
        output.prose(f"{how_many(found.missing, 'send was', 'sends were')} left out: the contacts were deleted.")
    if found.suppressions:
        again = how_many(
            found.suppressions,
            "suppression that was made or lifted since is up to date again",
            "suppressions that were made or lifted since are up to date again",
        )
        output.prose(f"{again}.")
    if found.in_doubt or found.suppressions:
        since = f"since {written(last_run, config.zone)}, the last run that it knows" if last_run else "since then"
        output.talk(
            f"This database does not know what else happened {since}. Record it before the next run: "
            "`nurture contacts import FILE`, `nurture events import FILE`."
        )
    if found.in_doubt:
        output.talk("See `nurture touches list --state unknown`.")
        raise typer.Exit(ExitCode.IN_DOUBT)
