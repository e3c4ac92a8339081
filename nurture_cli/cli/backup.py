"""`nurture backup`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.times import written
from nurture_cli.errors import Refused

app = CommandApp()


@app.command()
def backup(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder for the copies. Default: backups/.")
    ] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Make a verified copy of the database and the key.

    You can do it during a run. A plain `cp` of the database can miss what was sent last; this copy does not. Keep
    it as safe as the original: it holds your contacts, and the key that signs unsubscribe links.

    \b
    Examples:
      nurture backup
      nurture backup /mnt/safe
    """
    from nurture_cli.keys import KEY_FILE
    from nurture_cli.store.backup import backup as copy_database
    from nurture_cli.store.database import open_unchecked, schema_version
    from nurture_cli.store.instance import verify_key
    from nurture_cli.store.private import create_private
    from nurture_cli.store.schema import SCHEMA_VERSION

    loaded, config = opening.configured_project(project)
    path = opening.database_path(loaded, db)
    place = loaded.root / "backups" if folder is None else folder
    keys = opening.keys(loaded)  # without the database's own key a backup is worthless
    original = open_unchecked(path)  # no database, no folder for its copies
    try:
        if schema_version(original, path) == SCHEMA_VERSION:  # an older database does not know its key
            verify_key(original, keys)
    finally:
        original.close()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = written(ctx.obj.clock.now(), config.zone)[:16].replace(" ", "-").replace(":", "")
    copy = place / f"{path.stem}-{stamp}.db"
    size = copy_database(path, copy)
    key = place / f"{path.stem}-{stamp}.key"
    try:
        handle = create_private(key)
    except FileExistsError:
        raise Refused(f"{key} exists already; the key was not copied.", "Choose another folder.") from None
    with os.fdopen(handle, "wb") as file:
        file.write((loaded.root / KEY_FILE).read_bytes())
        file.flush()
        os.fsync(file.fileno())
    output.path(copy)
    output.path(key)
    output.talk(f"{size:,} bytes, verified.")
