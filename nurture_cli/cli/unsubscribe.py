"""`nurture unsubscribe`."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import exits, opening, options, output
from nurture_cli.cli.app import CommandApp

if TYPE_CHECKING:
    from nurture_cli.inbound.tokens import Addressees
    from nurture_cli.store.database import Connection

app = CommandApp()

STANDARD = "-"  # stands for standard input
SOURCE = "link to unsubscribe"
_SHOWN = 60  # characters of a text that is no token


@app.command()
def unsubscribe(
    ctx: typer.Context,
    tokens: Annotated[
        list[str],
        typer.Argument(metavar="TOKEN...", help="A token, a link that holds one, or - for standard input, one a line."),
    ],
    why: options.Why = SOURCE,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Unsubscribe the contact whose token this is.

    Every mail carries a token of its contact: in the link to unsubscribe, and in the subject of the mail that its
    mailto link makes. Give the token, the whole link, or the line that holds it. Nobody but the contact has it, so it
    is all the proof that is needed: the script behind `sender.unsubscribe.url`, or the one that reads the mailbox of
    `sender.unsubscribe.mailto`, hands over what it was given.

    The address is suppressed at once and for good; a second time changes nothing. A token that was changed or comes
    from another project unsubscribes nobody, and the code is 1; the others count all the same.

    \b
    Examples:
      nurture unsubscribe https://www.example.com/unsubscribe/AAAAAAAAAAEvvhIUvpGHqLLS7kBWwA2b
      nurture unsubscribe - --json < tokens.txt
    """
    from nurture_cli.inbound.tokens import Addressees

    loaded, _ = opening.configured_project(project)
    texts = list(_given(tokens))  # before the database waits for whoever writes them
    now = ctx.obj.clock.now()
    with opening.changing(loaded, db) as connection:
        people = Addressees(connection, opening.keys(loaded))
        told = [_unsubscribe(connection, people, text, why, now) for text in texts]
    if json:
        output.lines(told)
    else:
        for one in told:
            _say(one)
    if any(one["outcome"] == "refused" for one in told):
        raise typer.Exit(exits.FINDINGS)


def _unsubscribe(connection: Connection, people: Addressees, text: str, why: str, now: int) -> dict[str, Any]:
    """What came of one token: who it was, and whether that is unsubscribed, already suppressed, or refused."""
    from nurture_cli.inbound.tokens import NOT_OURS
    from nurture_cli.store.suppressions import suppression_of, unsubscribe

    try:
        address_hash = people.of_token(text)
        if address_hash is None:
            raise ValueError(NOT_OURS)
    except ValueError as error:
        return {"token": text, "email": None, "outcome": "refused", "reason": str(error)}
    new = unsubscribe(connection, address_hash, source=why, at=now)
    held = suppression_of(connection, address_hash)
    return {
        "token": text,
        "email": held.email if held else None,
        "outcome": "unsubscribed" if new else "already",
        "reason": held.reason if held else None,
    }


def _say(one: dict[str, Any]) -> None:
    match one["outcome"]:
        case "unsubscribed":
            output.talk(f"{one['email']} is unsubscribed and will not be written to again.")
        case "already":
            output.talk(f"{one['email']} was suppressed already ({one['reason']}).")
        case _:
            text = one["token"]
            shown = f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text
            hint = "To suppress an address: nurture suppress add EMAIL --unsubscribed" if "@" in text else None
            output.complain(f"`{shown}` unsubscribes nobody. {one['reason']}", hint)


def _given(tokens: Iterable[str]) -> Iterator[str]:
    """The texts of the command line, and in place of `-` the lines of standard input that are not blank."""
    for token in tokens:
        if token == STANDARD:
            yield from _lines()
        else:
            yield token


def _lines() -> Iterator[str]:
    """Lines of standard input; one that quoted-printable text breaks with `=` goes on in the next."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # tokens are ASCII, the rest may be anything
    pending = ""
    for line in sys.stdin:
        pending += line.rstrip("\r\n")
        if pending.endswith("="):
            pending = pending.removesuffix("=")
            continue
        if pending.strip():
            yield pending.strip()
        pending = ""
    if pending.strip():
        yield pending.strip()
