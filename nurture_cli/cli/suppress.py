"""`nurture suppress`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.tables import Column, show
from nurture_cli.cli.times import iso, written

app = CommandApp()


@app.callback()
def suppress() -> None:
    """Addresses that are never written to.

    A suppression outlives its contact: it is kept as a keyed hash of the address, and no import lifts it.
    """


@app.command()
def add(
    ctx: typer.Context,
    email: options.Email,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Who said so, and where.")] = "command line",
    unsubscribed: Annotated[
        bool, typer.Option("--unsubscribed", help="The contact asked for it (without this: your own decision).")
    ] = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Never write to an address again, whether it is a contact or not.

    \b
    Examples:
      nurture suppress add ann@example.com --why "asked on the phone" --unsubscribed
    """
    from nurture_cli.store.contacts import hash_of
    from nurture_cli.store.suppressions import suppress as never_write_to

    loaded, _ = opening.configured_project(project)
    address_hash = hash_of(opening.keys(loaded), email)
    reason = "unsubscribed" if unsubscribed else "manual"
    with opening.changing(loaded, db) as connection:
        new = never_write_to(connection, address_hash, reason=reason, source=why, at=ctx.obj.clock.now())
    output.talk(f"{email} is never written to again." if new else f"{email} was suppressed already.")


@app.command()
def remove(
    ctx: typer.Context,
    email: options.Email,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it may be written to again; it is kept.")],
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Allow writing to an address again, because its owner wants it.

    \b
    Examples:
      nurture suppress remove ann@example.com --why "signed up again at the fair"
    """
    from nurture_cli.store.contacts import hash_of
    from nurture_cli.store.suppressions import lift

    loaded, _ = opening.configured_project(project)
    address_hash = hash_of(opening.keys(loaded), email)
    with opening.changing(loaded, db) as connection:
        lifted = lift(connection, address_hash, why=why, at=ctx.obj.clock.now())
    output.talk(f"{email} may be written to again." if lifted else f"{email} was not suppressed.")


@app.command(name="list")
def list_(json: options.Json = False, project: options.ProjectFolder = None, db: options.Database = None) -> None:
    """Show all suppressions, oldest first.

    The address is known as long as the contact exists; the hash outlives it.

    \b
    Examples:
      nurture suppress list --json
    """
    from nurture_cli.store.suppressions import count_suppressions, list_suppressions

    columns = (
        Column("email", "Contact"), Column("reason", "Reason"), Column("source", "Source"), Column("at", "Since"),
        Column("address_hash", "Hash"),
    )  # fmt: skip
    loaded, config = opening.configured_project(project)
    time = iso if json else written
    with opening.reading(loaded, db) as connection:
        rows = (
            (s.email, s.reason, s.source, time(s.at, config.zone), s.address_hash.hex())
            for s in list_suppressions(connection)
        )
        show(columns, rows, json=json, total=sum(count_suppressions(connection).values()))
