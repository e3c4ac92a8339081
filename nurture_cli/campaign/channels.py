"""The channels of nurture.yml: each read by the keys of its type."""

from __future__ import annotations

from nurture_cli.campaign.keys.blocks import Values, read_block
from nurture_cli.campaign.keys.kinds import Choice, name_of, wrong_type
from nurture_cli.campaign.keys.notations import LOOPBACK, is_on_this_machine
from nurture_cli.campaign.keys.project import CHANNELS
from nurture_cli.campaign.model import Channel
from nurture_cli.language.reading import Reading
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.nodes import MapNode, Node

_COMMON = ("type", "hourly", "daily", "ramp")
_PORTS = {"starttls": 587, "tls": 465, "off": 25}
_TYPE = Choice(tuple(CHANNELS))

TASK = Channel("task", "task", {}, None, None, (), Span("nurture.yml", 1, 1, 1))  # always there


def read_channels(node: MapNode | None, place: Span, reading: Reading) -> dict[str, Channel]:
    """The channels by name, with those that are there unasked: `task`, and `mail` if none is declared at all."""
    channels = {TASK.name: TASK}
    if node is None:
        folder = {"folder": "outbox"}
        return {"mail": Channel("mail", "outbox", folder, None, None, (), place), **channels}
    for name, value in node.entries:
        known = name_of(name, reading, "a channel")
        reading.places[f"channels.{name.text}"] = name.span
        channel = _read(name.text, value, name.span, reading)
        if channel is None or known is None:
            continue
        if name.text == TASK.name and channel.type != TASK.type:
            message = "The channel `task` is the marketer's own list; it cannot be of another type."
            reading.error("bad-name", name.span, message, "Give this channel another name.")
        channels[name.text] = channel
    return channels


def leaves_machine(channel: Channel) -> bool:
    """Whether what a channel carries may reach somebody else; a relay on this machine passes mail on to the world."""
    if channel.type == "webhook":
        return not is_on_this_machine(str(channel.settings["url"]))
    return channel.type == "smtp"


def _read(name: str, node: Node, place: Span, reading: Reading) -> Channel | None:
    if not isinstance(node, MapNode):
        wrong_type("a mapping that begins with `type:`", node, reading, name)
        return None
    given = node.get("type")
    if given is None:
        message = f"The channel `{name}` needs the key `type`."
        reading.error("missing-key", place, message, f"`type` is {_TYPE.words}.")
        return None
    kind = _TYPE.read(given, reading, "type")
    if kind is None:
        return None
    values = read_block(node, CHANNELS[kind], reading, f"channels.{name}.", place)
    if values is None:
        return None
    settings = {key.name: values[key.name] for key in CHANNELS[kind].keys if key.name not in _COMMON}
    if kind == "smtp":
        settings["port"] = settings["port"] or _PORTS[settings["tls"] or "starttls"]
        _check_smtp(values, reading)
    ramp = values["ramp"] or ()
    return Channel(name, kind, settings, values["hourly"], values["daily"], ramp, place)


def _check_smtp(values: Values, reading: Reading) -> None:
    if values["tls"] == "off" and values["host"] not in (None, *LOOPBACK):
        message = "Without TLS the mails and the password could be read on the way."
        help = "Take the line away, or write `tls: tls`; `off` is only for a server on this machine."
        reading.error("no-tls", values.place("tls"), message, help)
    if values["password_env"] and values["password_file"]:
        message = "The password comes from the environment or from a file, not from both."
        reading.error("two-passwords", values.place("password_file"), message, "Keep one of the two.")
    if values["user"] is None and (values["password_env"] or values["password_file"]):
        key = "password_env" if values["password_env"] else "password_file"
        reading.error("missing-key", values.place(key), "A password is given, and no `user` to log in with.")
