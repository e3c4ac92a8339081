"""The channels of nurture.yml: each read by the keys of its type, into the settings of that type."""

from __future__ import annotations

from nurture_cli.campaign.channels import LOOPBACK, TASKS, ChannelType, Outbox, Settings, Smtp, Task, Tls, Webhook
from nurture_cli.campaign.keys.blocks import Values, read_block
from nurture_cli.campaign.keys.kinds import Choice, name_of, wrong_type
from nurture_cli.campaign.keys.project import CHANNELS
from nurture_cli.campaign.model import Channel
from nurture_cli.language.reading import Reading
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.nodes import MapNode, Node

_TYPE = Choice(tuple(ChannelType))

TASK = Channel(TASKS, Task(), None, None, (), Span("nurture.yml", 1, 1, 1))  # always there


def read_channels(node: MapNode | None, place: Span, reading: Reading) -> dict[str, Channel]:
    """The channels by name, with those that every project has: `task`, and `mail` if none is declared at all."""
    channels = {TASK.name: TASK}
    if node is None:
        return {"mail": Channel("mail", Outbox(), None, None, (), place), **channels}
    for name, value in node.entries:
        known = name_of(name, reading, "a channel")
        reading.places[f"channels.{name.text}"] = name.span
        channel = _read(name.text, value, name.span, reading)
        if channel is None or known is None:
            continue
        if name.text == TASK.name and not isinstance(channel.settings, Task):
            message = "The channel `task` is your own list of tasks; it cannot be of another type."
            reading.error("bad-name", name.span, message, "Give this channel another name.")
        channels[name.text] = channel
    return channels


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
    settings = _settings(kind, values, reading)
    return Channel(name, settings, values["hourly"], values["daily"], values["ramp"] or (), place)


def _settings(kind: ChannelType, values: Values, reading: Reading) -> Settings:
    """The settings of a type; useful only if the reading is sound in the end."""
    match kind:
        case ChannelType.OUTBOX:
            return Outbox(values["folder"])
        case ChannelType.SMTP:
            _check_smtp(values, reading)
            tls = values["tls"] or Tls.STARTTLS
            return Smtp(
                values["host"], values["port"] or tls.port, tls, values["user"], values["password_env"],
                values["password_file"], values["connections"], values["timeout"],
            )  # fmt: skip
        case ChannelType.WEBHOOK:
            return Webhook(values["url"], values["secret_env"], values["timeout"])
        case ChannelType.TASK:
            return Task()


def _check_smtp(values: Values, reading: Reading) -> None:
    if values["tls"] is Tls.OFF and values["host"] not in (None, *LOOPBACK):
        message = "Without TLS the mails and the password could be read on the way."
        help = "Remove the line, or write `tls: tls`; `off` is only for a server on this machine."
        reading.error("no-tls", values.place("tls"), message, help)
    if values["password_env"] and values["password_file"]:
        message = "The password comes from the environment or from a file, not from both."
        reading.error("two-passwords", values.place("password_file"), message, "Keep one of the two.")
    if values["user"] is None and (values["password_env"] or values["password_file"]):
        key = "password_env" if values["password_env"] else "password_file"
        reading.error("missing-key", values.place(key), "There is a password, but no `user` to log in with.")
