"""`nurture migrate`."""

from __future__ import annotations

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.places import DATABASE

app = CommandApp()


@app.command()
def migrate(project: options.ProjectFolder = None, db: options.Database = None) -> None:
    """Update the database to this version's schema, after a verified copy.

    All of it or nothing: when it is stopped half-way, the database is as it was. It needs the key file that the
    database was made with.

    \b
    Examples:
      nurture migrate
    """
    from nurture_cli.keys import read_keys
    from nurture_cli.store.migrations import migrate as bring_up_to_date

    root = opening.find_root(project)
    copy = bring_up_to_date(root / DATABASE if db is None else db, read_keys(root))
    if copy is None:
        output.talk("The database is up to date.")
    else:
        output.path(copy)
        output.talk("The database is up to date now; the copy named above is from before.")
