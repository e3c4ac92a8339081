"""`nurture suppress`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.suppress_import import import_
from nurture_cli.cli.tables import Column, show
from nurture_cli.cli.times import iso, written
from nurture_cli.errors import WrongUsage

if TYPE_CHECKING:
    from nurture_cli.project import Project
    from nurture_cli.store.database import Connection

app = CommandApp()

Emails = Annotated[
    list[str],
    typer.Argument(metavar="EMAIL...", help="One address or several; the link to unsubscribe of a mail will do, too."),
]


@app.callback()
def suppress() -> None:
    """Addresses that are never written to.

    A suppression outlives its contact: it is kept as a keyed hash of the address, and no import lifts it.
    """


@app.command()
def add(
    ctx: typer.Context,
    emails: Emails,
    why: options.Why = "command line",
    unsubscribed: Annotated[
        bool, typer.Option("--unsubscribed", help="The contact asked for it (without this: your own decision).")
    ] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Never write to an address again, whether it is a contact or not.

    Single addresses, not whole domains. `suppress import` takes a file of them.

    \b
    Examples:
      nurture suppress add ann@example.com --why "asked on the phone" --unsubscribed
      nurture suppress add ann@example.com bob@example.org --why "press, not customers"
    """
    from nurture_cli.store.suppressions import suppress as never_write_to

    loaded, _ = opening.configured_project(project)
    now = ctx.obj.clock.now()
    reason = "unsubscribed" if unsubscribed else "manual"
    told = []
    _refuse_domains(emails, _suppress_domain)
    with opening.changing(loaded, db) as connection:
        for email, address_hash in _addressees(loaded, connection, emails):
            new = never_write_to(connection, address_hash, reason=reason, source=why, at=now)
            told.append((email, new, _reason(connection, address_hash)))
    if json:
        output.lines({"email": email, "changed": new, "suppressed": held} for email, new, held in told)
        return
    for email, new, held in told:
        output.talk(f"{email} is never written to again." if new else f"{email} was suppressed already ({held}).")


@app.command()
def remove(
    ctx: typer.Context,
    emails: Emails,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it may be written to again; it is kept.")],
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Allow writing to an address again, because its owner wants it.

    \b
    Examples:
      nurture suppress remove ann@example.com --why "signed up again at the fair"
    """
    from nurture_cli.store.suppressions import lift

    loaded, _ = opening.configured_project(project)
    now = ctx.obj.clock.now()
    _refuse_domains(emails, _name_each)
    with opening.changing(loaded, db) as connection:
        told = [
            (email, lift(connection, address_hash, why=why, at=now))
            for email, address_hash in _addressees(loaded, connection, emails)
        ]
    if json:
        output.lines({"email": email, "changed": lifted, "suppressed": None} for email, lifted in told)
        return
    for email, lifted in told:
        output.talk(f"{email} may be written to again." if lifted else f"{email} was not suppressed.")


def _addressees(project: Project, connection: Connection, texts: list[str]) -> list[tuple[str, bytes]]:
    """Each address as it is called and its hash; raises WrongUsage for what is no single address."""
    from nurture_cli.store.contacts import email_of

    found: list[tuple[str, bytes]] = []
    for text in texts:
        address_hash = opening.address_hash(project, connection, text)
        found.append((email_of(connection, address_hash) or text, address_hash))
    return found


def _reason(connection: Connection, address_hash: bytes) -> str | None:
    from nurture_cli.store.suppressions import suppression_of

    held = suppression_of(connection, address_hash)
    return held.reason if held else None


def _refuse_domains(texts: list[str], help: Callable[[str], str]) -> None:
    """Raise WrongUsage, with the help for the domain, where a text means every address of one."""
    from nurture_cli.address import means_many

    for text in texts:
        domain = means_many(text)
        if domain is not None:
            raise WrongUsage(
                f"`{text[:80]}` means a whole domain, and only single addresses can be suppressed.", help(domain)
            )


def _suppress_domain(domain: str) -> str:
    return (
        "To suppress all contacts there:\n"
        f"nurture contacts list --where '\"@{domain}\" in email' | cut -f1 > there.txt\n"
        "nurture suppress import there.txt\n"
        f"To keep new ones out of a campaign as well, write into its file: exit: {{when: '\"@{domain}\" in email'}}"
    )


def _name_each(domain: str) -> str:
    return f"Give each address at {domain}; `nurture suppress list` shows those of contacts."


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
        total = sum(count_suppressions(connection).values())
        show(columns, rows, json=json, total=total, nothing="No address is suppressed.")


app.command(name="import")(import_)
