"""`nurture preview`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.inert import inert
from nurture_cli.errors import Refused, WrongUsage

if TYPE_CHECKING:
    from email.message import Message

    from nurture_cli.campaign.model import Asset, Channel, Config
    from nurture_cli.project import Project
    from nurture_cli.records import Contact

app = CommandApp()

Part = Literal["text", "html", "raw"]
_KINDS = {"text": "text/plain", "html": "text/html"}
_HEADERS = ("From", "To", "Reply-To", "Subject")


@app.command()
def preview(
    ctx: typer.Context,
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="Asset to show.", autocompletion=completion.assets)],
    contact: Annotated[
        str | None,
        typer.Option("--contact", metavar="EMAIL", help="Contact to make it for. Default: a sample contact."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="EMAIL", help="Send it to this address as a test mail; nothing is recorded."),
    ] = None,
    part: Annotated[
        Part | None,
        typer.Option(
            "--part", help="The text that people read, the HTML, or the whole message as it is sent. Default: text."
        ),
    ] = None,
    at: options.At = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Show the exact message that `run` would send, or send yourself a test mail.

    Without --to it sends nothing: what you see is byte for byte what `run` would send, except for the date and the
    Message-ID.

    With --to it sends one mail through the asset's channel, at any hour. Its subject begins with [Test], and its
    unsubscribe link belongs to nobody. It counts towards no limit, and no contact counts as having received the asset.
    Suppressed addresses get no test mail either (code 3).

    \b
    Examples:
      nurture preview case-study
      nurture preview case-study --to me@example.com
      nurture preview case-study --contact ann@example.com
      nurture preview case-study --contact ann@example.com --part html > case-study.html
      nurture preview case-study --contact ann@example.com --part raw > case-study.eml
    """
    from nurture_cli.message.render import Renderer

    if part is not None and (to is not None or json):
        raise WrongUsage("--part chooses what is shown; --to and --json take the whole message.")
    loaded, config = opening.sound_project(project)
    opening.known("asset", asset, loaded.assets)
    chosen = loaded.assets[asset]
    channel = config.channels[chosen.channel]
    if to is not None and not channel.settings.is_mail:
        raise WrongUsage(f"{asset} goes out as {channel.settings.type}; only mails can be sent as a test.")
    instant = opening.instant(ctx.obj.clock, at, config.zone)
    person = _person(loaded, config, chosen, contact, instant, db)
    renderer = Renderer(loaded, opening.keys(loaded), drafts=to is None)
    if to is not None:
        from nurture_cli.cli.preview_to import deliver

        now, address = ctx.obj.clock.now(), _insist_on_not_suppressed(loaded, db, to)
        key = f"test/{asset}/{address}/{now}"
        message = renderer.test_message(chosen, person, address, key=key, at=now, today_at=instant)
        deliver(loaded, channel, message, json)
        return
    key = f"preview/{person.id}/{asset}"
    if channel.settings.is_mail:
        data = renderer.message(chosen, person, key=key, at=instant).data
        _show_mail(data, part or "text", json)
        if part is None and not json:
            _tell_of_headline(data, config.name)
    elif part == "html":
        raise WrongUsage(f"{asset} goes out as {channel.settings.type}, which has no HTML.")
    else:
        _show_document(renderer.document(chosen, person, key=key, at=instant).data.decode(), channel, json)


def _person(
    project: Project, config: Config, asset: Asset, email: str | None, instant: int, db: Path | None
) -> Contact:
    """The contact that is named, or a sample."""
    if email is None:
        from nurture_cli.message.sample import sample_contact

        output.talk("This is for a sample contact. To see it for one of yours, use --contact EMAIL.")
        return sample_contact(config, asset, instant)
    from nurture_cli.explain.barred import barred

    with opening.reading(project, db) as connection:
        found = opening.contact(project, connection, email)
        bar = barred(connection, found.id, instant, found.zone or config.zone)
    if bar is not None and config.channels[asset.channel].settings.reaches_contact:
        output.talk(f"note: {bar.sentence}.")
    return found


def _insist_on_not_suppressed(project: Project, db: Path | None, to: str) -> str:
    """The address in the form in which mail is sent; raises Refused when it is suppressed."""
    from nurture_cli.address import normalise
    from nurture_cli.store.contacts import hash_of
    from nurture_cli.store.suppressions import suppression_of

    address_hash = hash_of(opening.keys(project), to)
    with opening.reading(project, db) as connection:
        held = suppression_of(connection, address_hash)
    if held is not None:
        raise Refused(
            f"{to} is suppressed ({held.reason}, {held.source}), so it gets no test mail either.",
            f"Use another address. If this one's owner wants mail again: nurture suppress remove {to} --why REASON",
        )
    return normalise(to).email


def _show_mail(data: bytes, part: Part, json: bool) -> None:
    from email import message_from_bytes

    if json:
        output.document(_record(message_from_bytes(data)))
        return
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
    text = _part(mail, part)
    if text is None:
        raise WrongUsage(f"This message has no {part} part.")
    _show(text)


def _tell_of_headline(data: bytes, name: str) -> None:
    """Say that most readers see the project's name, too, where only the HTML part shows it."""
    from email import message_from_bytes

    from nurture_cli.message.plain import to_text

    mail = message_from_bytes(data)
    html = _part(mail, "html")
    if html is not None and name in to_text(html) and name not in (_part(mail, "text") or ""):
        output.talk(f"The HTML part, which most readers see, also shows `{inert(name)}`: `project` in nurture.yml.")


def _record(mail: Message) -> dict[str, Any]:
    """A mail for programs: its header fields by name, and its parts."""
    headers = {name.lower().replace("-", "_"): _header(mail, name) for name in mail}
    return {"headers": headers, "text": _part(mail, "text"), "html": _part(mail, "html")}


def _part(mail: Message, part: Part) -> str | None:
    for section in mail.walk():
        if section.get_content_type() == _KINDS[part]:
            return bytes(section.get_payload(decode=True)).decode(section.get_content_charset() or "utf-8")
    return None


def _header(mail: Message, name: str) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(mail[name])))


def _show_document(text: str, channel: Channel, json: bool) -> None:
    """What a webhook is posted, which is JSON in any case, or a to-do."""
    from nurture_cli.campaign.channels import Task

    if not json:
        _show(text)
    elif isinstance(channel.settings, Task):
        title, _, body = text.partition("\n\n")
        output.document({"title": title, "text": body})
    else:
        from json import loads

        output.document(loads(text))


def _show(text: str) -> None:
    """Lines of a message: harmless on a terminal, as they are in a pipe."""
    for line in text.replace("\r\n", "\n").rstrip("\n").split("\n"):
        output.data(inert(line) if output.is_terminal() else line)
