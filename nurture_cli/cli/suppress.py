"""`nurture suppress`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.listings import show_listing
from nurture_cli.cli.suppress_import import import_
from nurture_cli.cli.tables import Column
from nurture_cli.errors import Refused, WrongUsage
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.project import Project
    from nurture_cli.store.database import Connection

app = CommandApp()

_NAMED = 5  # addresses in a refusal
_LEFT = {
    "unsubscribed": "unsubscribed",
    "complaint": "complained",
    "hard-bounce": "bounced for good",
    "erased": "asked to be erased",
}

Emails = Annotated[
    list[str],
    typer.Argument(metavar="EMAIL...", help="One address or several; the unsubscribe link of a mail works, too."),
]


@app.callback()
def suppress() -> None:
    """Manage the addresses that nurture never writes to.

    A suppression outlives its contact: it is kept as a keyed hash of the address, and no import lifts it.
    """


@app.command()
def add(
    ctx: typer.Context,
    emails: Emails,
    why: options.Why = "command line",
    unsubscribed: Annotated[
        bool, typer.Option("--unsubscribed", help="Record that the contact asked for it. Default: your own decision.")
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
        output.talk(f"nurture never writes to {email} again." if new else f"{email} was suppressed already ({held}).")


@app.command()
def remove(
    ctx: typer.Context,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Reason for writing to it again, for the record.")],
    emails: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EMAIL...]", help="One address or several; the unsubscribe link of a mail works, too."),
    ] = None,
    imported: Annotated[
        Path | None,
        typer.Option(
            "--imported", metavar="FILE", help="Undo the suppressions of the last import of a file with this name."
        ),
    ] = None,
    run: Annotated[
        int | None,
        typer.Option("--run", metavar="N", help="Undo the suppressions that the relay's refusals in run N caused."),
    ] = None,
    although: Annotated[
        list[str] | None,
        typer.Option(
            "--although",
            metavar="REASON",
            help="Remove suppressions with this reason, too: unsubscribed, complaint, hard-bounce or erased.",
        ),
    ] = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Allow writing to an address again, because its owner wants it.

    Alone, it removes only `manual` suppressions, your own decisions. When a contact unsubscribed, complained, bounced
    for good or asked to be erased, it changes nothing and ends with code 3, until you name that reason with --although.

    With --imported, it removes exactly the suppressions that one import made, and restores weaker reasons that the
    import replaced. Addresses that were suppressed before, or left since, stay suppressed.

    With --run, it removes exactly the suppressions that one run made because a relay refused addresses as dead. When a
    run stops a channel because it refuses one contact after the other, the run prints this command.

    \b
    Examples:
      nurture suppress remove ann@example.com --why "not press after all"
      nurture suppress remove ann@example.com --why "signed up again at the fair" --although unsubscribed
      nurture suppress remove --imported members.csv --why "the wrong file"
      nurture suppress remove --run 17 --why "the relay refused everybody"
    """
    from nurture_cli.store.suppressions import GUARDED

    for reason in although or ():
        opening.known("reason", reason, GUARDED)
    if [bool(emails), imported is not None, run is not None].count(True) != 1:
        raise WrongUsage("Give addresses, a file with --imported FILE, or a run with --run N: one of the three.")
    loaded, _ = opening.configured_project(project)
    now = ctx.obj.clock.now()
    allowed = frozenset(although or ())
    if imported is not None:
        with opening.changing(loaded, db) as connection:
            taken_back, restored = _take_back(connection, imported.name, allowed, why, now)
        _tell_taken_back(imported.name, taken_back, restored, json=json)
        return
    if run is not None:
        from nurture_cli.store.suppressions import take_back_run

        with opening.changing(loaded, db) as connection:
            removed = take_back_run(connection, run, why=why, at=now)
        _tell_of_run(run, removed, json=json)
        return
    _refuse_domains(emails or [], _name_each)
    with opening.changing(loaded, db) as connection:
        told = _lift(connection, _addressees(loaded, connection, emails or []), allowed, why, now)
    if json:
        output.lines(
            {"email": email, "changed": reason is not None, "suppressed": None, "lifted": reason}
            for email, reason in told
        )
        return
    for email, lifted in told:
        changed = f"nurture may write to {email} again (was: {lifted})."
        output.talk(changed if lifted else f"{email} was not suppressed.")


def _lift(
    connection: Connection, addressees: list[tuple[str, bytes]], allowed: frozenset[str], why: str, now: int
) -> list[tuple[str, str | None]]:
    """Each address with the reason that was lifted; raises Refused where the user has to name one first."""
    from nurture_cli.store.suppressions import GUARDED, lift, suppression_of

    held = [(email, suppression_of(connection, address_hash)) for email, address_hash in addressees]
    guarded = [(email, one.reason) for email, one in held if one and one.reason in GUARDED - allowed]
    if guarded:
        raise Refused(
            " ".join(f"{email} {_LEFT[reason]}." for email, reason in guarded[:_NAMED])
            + (f" And {len(guarded) - _NAMED:,} more." if len(guarded) > _NAMED else "")
            + " Nothing was changed.",
            f"If {'its owner wants' if len(guarded) == 1 else 'their owners want'} mail again: "
            + _although({reason for _, reason in guarded} | allowed),
        )
    for _, address_hash in addressees:
        lift(connection, address_hash, why=why, at=now)
    return [(email, one.reason if one else None) for email, one in held]


def _take_back(
    connection: Connection, name: str, allowed: frozenset[str], why: str, now: int
) -> tuple[dict[str, int], int]:
    """Undo an import: how many suppressions went for each reason, and how many earlier ones are back."""
    from nurture_cli.store.suppressions import GUARDED, imported_suppressions, take_back_import

    found = imported_suppressions(connection, name)
    if found is None:
        raise WrongUsage(
            f"No suppression in force comes from the import of a file called {name}.",
            "`nurture suppress list` shows where each comes from.",
        )
    guarded = {reason: count for reason, count in found.by_reason.items() if reason in GUARDED - allowed}
    if guarded:
        counts = ", ".join(f"{count:,} {reason}" for reason, count in guarded.items())
        raise Refused(
            f"According to {name}, contacts left on their own: {counts}. Nothing was changed.",
            f"If the file was wrong about them: {_although(guarded.keys() | allowed)}",
        )
    return dict(found.by_reason), take_back_import(connection, found, why=why, at=now)


def _although(reasons: Collection[str]) -> str:
    return " ".join(f"--although {reason}" for reason in sorted(reasons))


def _tell_taken_back(name: str, by_reason: dict[str, int], restored: int, *, json: bool) -> None:
    total = sum(by_reason.values())
    if json:
        output.document({"file": name, "removed": total, "by_reason": by_reason, "restored": restored})
        return
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in by_reason.items())
    output.talk(
        f"Removed the suppressions of the import of {name}: {how_many(total, 'address', 'addresses')} ({reasons})."
    )
    if restored:
        one, several = (
            "of them is suppressed for its earlier reason",
            "of them are suppressed for their earlier reasons",
        )
        output.talk(f"{how_many(restored, one, several)}, as before.")


def _tell_of_run(run: int, removed: int, *, json: bool) -> None:
    if json:
        output.document({"run": run, "removed": removed})
    elif removed:
        addresses = how_many(removed, "address", "addresses")
        output.talk(f"Removed the suppressions that refusals in run {run} caused: {addresses}.")
    else:
        output.talk(f"No suppression in force comes from refusals in run {run}.")


def _addressees(project: Project, connection: Connection, texts: list[str]) -> list[tuple[str, bytes]]:
    """Each address as it is shown, with its hash; raises WrongUsage for a text that is not a single address."""
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
    from nurture_cli.report.lists import suppression_list

    columns = (
        Column("email", "Contact"), Column("reason", "Reason"), Column("source", "Source", spare=True),
        Column("at", "Since"), Column("address_hash", "Hash"),
    )  # fmt: skip
    for_people = output.is_terminal() and not json  # a short hash is enough for people
    loaded, config = opening.configured_project(project)
    shown = columns[:-1] if for_people else columns
    with opening.reading(loaded, db) as connection:
        listing = suppression_list(for_people=for_people)
        show_listing(connection, listing, shown, config.zone, json=json, nothing="No address is suppressed.")


app.command(name="import")(import_)
