"""`nurture preview`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.inert import inert
from nurture_cli.errors import WrongUsage

if TYPE_CHECKING:
    from email.message import Message

app = CommandApp()

_KINDS = {"text": "text/plain", "html": "text/html"}
_HEADERS = ("From", "To", "Reply-To", "Subject")


@app.command()
def preview(
    ctx: typer.Context,
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="The asset.", autocompletion=completion.assets)],
    contact: Annotated[str, typer.Option("--contact", metavar="EMAIL", help="The contact it would go to.")],
    part: Annotated[
        Literal["text", "html", "raw"],
        typer.Option("--part", help="The text that people read, the HTML, or the whole message as it is sent."),
    ] = "text",
    at: options.At = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Show the very message that `run` would send.

    Byte for byte, but for date and Message-ID. Nothing is sent and nothing is written.

    \b
    Examples:
      nurture preview case-study --contact ann@example.com
      nurture preview case-study --contact ann@example.com --part html > case-study.html
      nurture preview case-study --contact ann@example.com --part raw > case-study.eml
    """
    from nurture_cli.message.render import Renderer

    loaded, config = opening.sound_project(project)
    opening.known("asset", asset, loaded.assets)
    chosen = loaded.assets[asset]
    with opening.reading(loaded, db) as connection:
        person = opening.contact(loaded, connection, contact)
    renderer = Renderer(loaded, opening.keys(loaded))
    key = f"preview/{person.id}/{asset}"
    instant = opening.instant(ctx.obj.clock, at, config.zone)
    if config.channels[chosen.channel].type in ("smtp", "outbox"):
        _show_mail(renderer.message(chosen, person, key=key, at=instant).data, part)
    elif part == "html":
        raise WrongUsage(f"{asset} goes out as {config.channels[chosen.channel].type}, which has no HTML.")
    else:
        _show(renderer.document(chosen, person, key=key, at=instant).data.decode())


def _show_mail(data: bytes, part: Literal["text", "html", "raw"]) -> None:
    from email import message_from_bytes

    if part == "raw" and not output.is_terminal():
        output.write_bytes(data)
        return
    if part == "raw":
        _show(data.decode("utf-8", errors="backslashreplace"))
        return
    mail = message_from_bytes(data)
    if part == "text":
        for name in _HEADERS:
            if name in mail:
                output.data(f"{name}: {inert(_header(mail, name))}")
        output.data("")
    for section in mail.walk():
        if section.get_content_type() == _KINDS[part]:
            _show(bytes(section.get_payload(decode=True)).decode(section.get_content_charset() or "utf-8"))
            return
    raise WrongUsage(f"This message has no {part} part.")


def _header(mail: Message, name: str) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(mail[name])))


def _show(text: str) -> None:
    """Lines of a message: harmless on a terminal, as they are in a pipe."""
    for line in text.replace("\r\n", "\n").rstrip("\n").split("\n"):
        output.data(inert(line) if output.is_terminal() else line)
