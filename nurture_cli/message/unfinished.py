"""What the owner of a project still has to write, where it would leave this machine.

One judgement for `check`, which points at each piece, and for the renderer, which refuses to make the message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from nurture_cli.campaign.channels import Outbox, Smtp, Task, Webhook
from nurture_cli.campaign.model import Asset, BodyFormat, Channel, Config
from nurture_cli.message.failure import Flaw, RenderError, place_of
from nurture_cli.message.fillers import in_line, in_name, in_prose
from nurture_cli.message.layout import FOLDER, HTML_LAYOUT, TEXT_LAYOUT, named_elsewhere, written_in
from nurture_cli.message.prose import prose, without_code
from nurture_cli.message.stand_ins import Found, StandIn, in_address, in_host, in_links, is_here

REPLACE = "Replace it with your own."
LINE = "\n"
MOST = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of nurture.yml that a message carries: its place, and what to write instead."""

    key: str
    text: str
    help: str
    found: Found


def in_settings(config: Config, channel: Channel) -> Iterator[Setting]:
    """The stand-ins in nurture.yml that would leave through a channel."""
    for key, text, help, found in (
        *_of_way_out(config), *(_of_sender(config) if channel.settings.is_mail else ()), *_of_channel(config, channel),
    ):  # fmt: skip
        yield from (Setting(key, text, help, one) for one in found)


def in_body(text: str, form: BodyFormat) -> Iterator[Found]:
    """The stand-ins in the body of an asset, a layout or a partial: at most the first `MOST` of each kind."""
    yield from islice(in_links(without_code(text, form)), MOST)
    yield from islice(in_prose(prose(text, form)), MOST)


def in_subject(text: str) -> Iterator[Found]:
    """The stand-ins in a subject, preheader or title."""
    yield from in_line(prose(text, None))


def is_part(name: str, sources: Mapping[str, str], channel: Channel) -> bool:
    """Whether the layout or partial of this name can be a part of what leaves through a channel."""
    if name in (HTML_LAYOUT, TEXT_LAYOUT):
        return channel.settings.is_mail
    return named_elsewhere(name, sources)


def refuse_unfinished(config: Config, sources: Mapping[str, str], channel: Channel) -> None:
    """Raise RenderError for the first placeholder that all messages of a channel have in common."""
    for setting in in_settings(config, channel):
        _refuse(setting.found, f"{config.file}:{config.places[setting.key].line}", setting.help)
    for file, text in sources.items():
        name = file.removeprefix(FOLDER)
        form = written_in(name) if file.startswith(FOLDER) else None
        if form is not None and is_part(name, sources, channel):
            for found in in_body(text, form):
                _refuse(found, f"{file}:{text.count(LINE, 0, found.start) + 1}", REPLACE)


def refuse_unfinished_asset(asset: Asset) -> None:
    """Raise RenderError for the first placeholder in the words and links of an asset."""
    for key, text in (("title", asset.title), ("subject", asset.subject), ("preheader", asset.preheader)):
        for found in in_subject(text):
            _refuse(found, place_of(asset, key), REPLACE)
    for found in in_links(asset.link or ""):
        _refuse(found, place_of(asset, "link"), REPLACE)
    for found in in_body(asset.body, asset.format):
        _refuse(found, f"{asset.file}:{asset.body_line + asset.body.count(LINE, 0, found.start)}", REPLACE)


def _refuse(found: Found, place: str, help: str) -> None:
    if found.sort is not StandIn.MAYBE:
        raise RenderError(Flaw.UNRESOLVED_PLACEHOLDER, found.words, help, place=place)


_Values = Iterator[tuple[str, str, str, Iterator[Found]]]


def _of_sender(config: Config) -> _Values:
    sender = config.sender
    yield "sender.name", sender.name, "Write the name that people know you by.", in_name(sender.name)
    yield "sender.address", sender.address, "Write the address that you send from.", in_address(sender.address)
    if sender.reply_to is not None:
        help = "Write an address that somebody reads."
        yield "sender.reply_to", sender.reply_to, help, in_address(sender.reply_to)
    help = "Write the address at which you get post; many countries ask for it by law."
    yield "sender.postal_address", sender.postal_address, help, in_name(sender.postal_address)


def _of_way_out(config: Config) -> _Values:
    sender, help = config.sender, "Write where people can really unsubscribe."
    yield "project", config.name, "Write the name of your project.", in_name(config.name)
    if sender.unsubscribe_url is not None:
        yield "sender.unsubscribe.url", sender.unsubscribe_url, help, in_links(sender.unsubscribe_url)
    if sender.unsubscribe_mailto is not None:
        yield "sender.unsubscribe.mailto", sender.unsubscribe_mailto, help, in_address(sender.unsubscribe_mailto)


def _of_channel(config: Config, channel: Channel) -> _Values:
    sales = config.funnel.sales
    if sales is not None and sales.channel == channel.name and sales.to is not None:
        yield "sales.to", sales.to, "Write the address of Sales.", in_address(sales.to)
    path = f"channels.{channel.name}"
    match channel.settings:
        case Webhook(url=url):
            yield f"{path}.url", url, "Write the address of your own service.", in_links(url)
        case Smtp(host=host, user=user):
            server = in_host(host)
            if server is not None and not is_here(host):
                yield f"{path}.host", host, "Write the name of your mail server.", iter((server,))
            if user is not None and "@" in user:
                yield f"{path}.user", user, "Write the name that you log in with.", in_address(user)
        case Outbox() | Task():
            pass
