"""`nurture unsubscribe`."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import exits, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.errors import WrongUsage

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
_MAIL = "mail on standard input"


@app.command()
def unsubscribe(
    ctx: typer.Context,
    tokens: Annotated[
        list[str],
        typer.Argument(
            metavar="TOKEN...",
            help="A token, a link that holds one, or - for standard input: a whole mail, or one token a line.",
        ),
    ],
    why: options.Why = SOURCE,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Unsubscribe the contact whose token this is.

    Every mail carries a token of its contact: in the link to unsubscribe, and in the subject of the mail that its
    mailto link makes. Give the token, the whole link, the line that holds it, or the whole mail on standard input.
    Nobody but the contact has it, so it is all the proof that is needed: the script behind `sender.unsubscribe.url`, or
    the one that reads the mailbox of `sender.unsubscribe.mailto`, hands over what it was given.

    The address is suppressed at once and for good; a second time changes nothing. A token that was changed or comes
    from another project unsubscribes nobody, and the code is 1; the others count all the same.

    \b
    Examples:
      nurture unsubscribe https://www.example.com/unsubscribe/AAAAAAAAAAEvvhIUvpGHqLLS7kBWwA2b
      nurture unsubscribe - < mail.eml
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


def _unsubscribe(connection: Connection, people: Addressees, given: str | bytes, why: str, now: int) -> dict[str, Any]:
    """What came of one token: who it was, and whether that is unsubscribed, already suppressed, or refused."""
    from nurture_cli.inbound.tokens import NOT_OURS
    from nurture_cli.store.suppressions import suppression_of, unsubscribe

    text = given if isinstance(given, str) else _MAIL
    try:
        address_hash = people.of_token(given) if isinstance(given, str) else people.of_mail(given)
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
            if text == _MAIL:
                output.complain(f"The {_MAIL} unsubscribes nobody. {one['reason']}")
                return
            shown = f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text
            hint = "To suppress an address: nurture suppress add EMAIL --unsubscribed" if "@" in text else None
            output.complain(f"`{shown}` unsubscribes nobody. {one['reason']}", hint)


def _given(tokens: Iterable[str]) -> Iterator[str | bytes]:
    """The texts of the command line, and in place of `-` the mail on standard input, or its lines."""
    for token in tokens:
        if token == STANDARD:
            yield from _standard_input()
        else:
            yield token


def _standard_input() -> Iterator[str | bytes]:
    """A mail whole; of any other text the lines that may be meant as tokens, else its first line."""
    from nurture_cli.inbound.tokens import looks_like_mail

    raw = _bytes()
    if len(raw) > _MOST:
        raise WrongUsage(f"Standard input is longer than {_MOST // 1_000_000} MB.", "Hand over one mail at a time.")
    if looks_like_mail(raw):
        yield raw
        return
    lines = list(_lines(raw.decode("utf-8", "replace")))  # tokens are ASCII, the rest may be anything
    yield from [line for line in lines if _LIKE_A_TOKEN.search(line)] or lines[:1]


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
