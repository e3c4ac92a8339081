"""`nurture unsubscribe`."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.errors import WrongUsage
from nurture_cli.exit_code import ExitCode

if TYPE_CHECKING:
    from nurture_cli.inbound.tokens import Addressees
    from nurture_cli.store.database import Connection

app = CommandApp()

STANDARD = "-"  # stands for standard input
SOURCE = "link to unsubscribe"
_SHOWN = 60  # characters of a text that is no token
_MOST = 50_000_000  # bytes of standard input
_LIKE_A_TOKEN = re.compile(r"[A-Za-z0-9_%=-]{16}|@|://")  # also a part of one, or an address given by mistake
_SOFT_BREAK = re.compile(r"=[ \t]*\r?\n")
_EMPTY = "Standard input is empty; nobody is unsubscribed."


class _Given(NamedTuple):
    """A text or a mail (bytes) that may hold a token, and its name in messages."""

    name: str
    text: str | bytes


@app.command()
def unsubscribe(
    ctx: typer.Context,
    tokens: Annotated[
        list[str],
        typer.Argument(
            metavar="TOKEN...",
            help="A token, a link that holds one, or - for standard input: a mail, an mbox file, or a token a line.",
        ),
    ],
    why: options.Why = SOURCE,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Unsubscribe a contact by the token in a mail.

    Every mail carries a token of its contact: in the unsubscribe link, and in the subject of the mail that its mailto
    link makes. Give the token, the whole link, the line that holds it, or on standard input the whole mail or an mbox
    file of many. Only the contact has the token, so you need no other proof: the script behind
    `sender.unsubscribe.url`, or the one that reads the mailbox of `sender.unsubscribe.mailto`, passes on what it
    received.

    It suppresses the address at once and for good; a second time changes nothing. A token that was changed or comes
    from another project unsubscribes nobody: then it ends with code 1, as when standard input is empty, but the other
    tokens still count.

    \b
    Examples:
      nurture unsubscribe https://www.example.com/unsubscribe/AAAAAAAAAAEvvhIUvpGHqLLS7kBWwA2b
      nurture unsubscribe - < mail.eml
      nurture unsubscribe - --json < tokens.txt
    """
    from nurture_cli.inbound.tokens import Addressees

    loaded, _ = opening.configured_project(project)
    everything = list(_given(tokens))  # first, so that the database does not wait for the writer of the pipe
    now = ctx.obj.clock.now()
    with opening.changing(loaded, db) as connection:
        people = Addressees(connection, opening.keys(loaded))
        told = [_unsubscribe(connection, people, given, why, now) for given in everything]
    if json:
        output.lines(told)
    else:
        for given, one in zip(everything, told, strict=True):
            _say(given, one)
    if any(one["outcome"] == "refused" for one in told):
        raise typer.Exit(ExitCode.FINDINGS)


def _unsubscribe(connection: Connection, people: Addressees, given: _Given, why: str, now: int) -> dict[str, Any]:
    """The result for one token: its address, and whether that is unsubscribed, already suppressed, or refused."""
    from nurture_cli.inbound.tokens import NOT_OURS
    from nurture_cli.store.suppressions import suppression_of, unsubscribe

    name, text = given
    try:
        if text == b"":
            raise ValueError(_EMPTY)
        address_hash = people.of_token(text) if isinstance(text, str) else people.of_mail(text)
        if address_hash is None:
            raise ValueError(NOT_OURS)
    except ValueError as error:
        return {"token": name, "email": None, "outcome": "refused", "reason": str(error)}
    new = unsubscribe(connection, address_hash, source=why, at=now)
    held = suppression_of(connection, address_hash)
    return {
        "token": name,
        "email": held.email if held else None,
        "outcome": "unsubscribed" if new else "already",
        "reason": held.reason if held else None,
    }


def _say(given: _Given, one: dict[str, Any]) -> None:
    address = one["email"] or "An address that no contact has now"
    match one["outcome"]:
        case "unsubscribed":
            output.talk(f"{address} is unsubscribed; nurture never writes to it again.")
        case "already":
            output.talk(f"{address} was suppressed already ({one['reason']}).")
        case _ if given.text == b"":
            output.complain(one["reason"])
        case _ if isinstance(given.text, bytes):
            output.complain(f"{given.name} unsubscribes nobody. {one['reason']}")
        case _:
            text = given.name
            shown = f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text
            hint = "To suppress an address: nurture suppress add EMAIL --unsubscribed" if "@" in text else None
            output.complain(f"`{shown}` unsubscribes nobody. {one['reason']}", hint)
    if one["outcome"] != "refused" and one["email"] is None:
        output.talk("If the contact has another address by now, type `nurture suppress add EMAIL --unsubscribed`.")


def _given(tokens: Iterable[str]) -> Iterator[_Given]:
    """The texts of the command line, and in place of `-` the mails on standard input, or its lines."""
    for token in tokens:
        if token == STANDARD:
            yield from _standard_input()
        else:
            yield _Given(token, token)


def _standard_input() -> Iterator[_Given]:
    """A mail whole, an mbox mail by mail; of any other text the lines that may be meant as tokens, else its first."""
    from nurture_cli.inbound.tokens import looks_like_mail, mails_in

    raw = _bytes()
    if len(raw) > _MOST:
        raise WrongUsage(f"Standard input is longer than {_MOST // 1_000_000} MB.", "Hand over one mail at a time.")
    if looks_like_mail(raw):
        mails = mails_in(raw)
        for number, mail in enumerate(mails, 1):
            yield _Given(f"Mail {number} on standard input" if len(mails) > 1 else "The mail on standard input", mail)
        return
    lines = list(_lines(raw.decode("utf-8", "replace")))  # tokens are ASCII, the rest may be anything
    if not lines:
        yield _Given(STANDARD, b"")
    for line in [line for line in lines if _LIKE_A_TOKEN.search(line)] or lines[:1]:
        yield _Given(line, line)


def _bytes() -> bytes:
    if isinstance(sys.stdin, io.TextIOWrapper):
        raw: bytes = sys.stdin.buffer.read(_MOST + 1)
        return raw
    return sys.stdin.read(_MOST + 1).encode()


def _lines(text: str) -> Iterator[str]:
    """The lines that are not blank; one that quoted-printable text breaks with `=` goes on in the next."""
    for line in _SOFT_BREAK.sub("", text).splitlines():
        if line.strip():
            yield line.strip()
