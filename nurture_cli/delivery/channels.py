"""From a channel of nurture.yml to the messenger that carries its messages."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from nurture_cli.campaign.model import Channel, Config
from nurture_cli.clock import Clock, SystemClock
from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Messenger


def open_messenger(
    channel: Channel,
    project_root: Path,
    config: Config,  # noqa: ARG001  what a messenger may need to know of the project
    *,
    crash_point: CrashPoint = go_on,
    clock: Clock | None = None,
) -> Messenger:
    """A new messenger for the channel, one connection of it; it connects when its `open` is called."""
    settings = channel.settings
    match channel.type:
        case "outbox":
            from nurture_cli.delivery.outbox import OutboxMessenger

            return OutboxMessenger(_outbox(channel, project_root), crash_point=crash_point)
        case "smtp":
            from nurture_cli.delivery.relay import Relay
            from nurture_cli.delivery.secrets import read_password
            from nurture_cli.delivery.smtp import SmtpMessenger

            user = settings.get("user")
            relay = Relay(
                host=str(settings["host"]),
                port=int(settings.get("port") or 587),
                tls=str(settings.get("tls") or "starttls"),
                user=None if user is None else str(user),
                timeout=float(settings.get("timeout") or 60),
            )
            password = partial(read_password, channel, project_root, os.environ)
            return SmtpMessenger(relay, password, crash_point=crash_point)
        case "webhook":
            from nurture_cli.delivery.secrets import from_environment
            from nurture_cli.delivery.webhook import WebhookMessenger

            name = settings.get("secret_env")
            secret = partial(from_environment, str(name), channel.name, os.environ) if name else None
            return WebhookMessenger(
                str(settings["url"]),
                secret,
                timeout=float(settings.get("timeout") or 60),
                crash_point=crash_point,
                clock=clock or SystemClock(),
            )
        case "task":
            from nurture_cli.delivery.task import TaskMessenger

            return TaskMessenger()
        case _:
            raise AssertionError(f"no channel has the type {channel.type}")


def connections(channel: Channel) -> int:
    """How many messengers of the channel may be at work at once."""
    return int(channel.settings.get("connections") or 1) if channel.type == "smtp" else 1


def redelivers_safely(channel: Channel) -> bool:
    """Whether a message whose delivery is in doubt may be handed over again: the same row or key."""
    return channel.type in ("webhook", "task")


def handed_over(channel: Channel, project_root: Path, *, key: str, message_id: str) -> bool | None:
    """Whether a message was handed over that has come to its point of no return; None: it cannot be known."""
    if channel.type != "outbox":
        return None
    from nurture_cli.delivery import outbox

    return outbox.handed_over(_outbox(channel, project_root), key, message_id)


def _outbox(channel: Channel, project_root: Path) -> Path:
    return project_root / str(channel.settings.get("folder") or "outbox")
