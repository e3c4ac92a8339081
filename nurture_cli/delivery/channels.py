"""Opens the messenger for a channel of nurture.yml."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from nurture_cli.campaign.channels import Outbox, Smtp, Task, Webhook
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
    """A new messenger for one connection of the channel; it connects when its `open` is called."""
    match channel.settings:
        case Outbox(folder=folder):
            from nurture_cli.delivery.outbox import OutboxMessenger

            return OutboxMessenger(project_root / folder, crash_point=crash_point)
        case Smtp() as smtp:
            from nurture_cli.delivery.relay import Relay
            from nurture_cli.delivery.secrets import read_password
            from nurture_cli.delivery.smtp import SmtpMessenger

            relay = Relay(smtp.host, smtp.port, smtp.tls, smtp.user, smtp.timeout)
            password = partial(read_password, channel.name, smtp, project_root, os.environ)
            return SmtpMessenger(relay, password, crash_point=crash_point)
        case Webhook(url=url, secret_env=variable, timeout=timeout):
            from nurture_cli.delivery.secrets import from_environment
            from nurture_cli.delivery.webhook import WebhookMessenger

            secret = partial(from_environment, variable, channel.name, os.environ) if variable else None
            return WebhookMessenger(url, secret, timeout=timeout, crash_point=crash_point, clock=clock or SystemClock())
        case Task():
            from nurture_cli.delivery.task import TaskMessenger

            return TaskMessenger()


def was_delivered(channel: Channel, project_root: Path, *, key: str, message_id: str) -> bool | None:
    """Whether a message past its point of no return was delivered; None: the channel cannot tell."""
    match channel.settings:
        case Outbox(folder=folder):
            from nurture_cli.delivery import outbox

            return outbox.was_delivered(project_root / folder, key, message_id)
        case Smtp() | Webhook() | Task():
            return None
