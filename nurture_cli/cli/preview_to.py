"""The sending side of `nurture preview`, loaded only for --to: a preview without it has no way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture_cli.campaign.channels import Outbox, Smtp
from nurture_cli.cli import caret, output
from nurture_cli.cli.inert import inert
from nurture_cli.runner.trial import send_test

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Channel
    from nurture_cli.delivery.messenger import Outgoing
    from nurture_cli.project import Project


def deliver(project: Project, channel: Channel, message: Outgoing, json: bool) -> None:
    """Send a test mail and say by what, or write it and say where."""
    assert project.config is not None
    receipt = send_test(channel, project.root, project.config, message)
    settings = channel.settings
    relay = f"{settings.host}:{settings.port}" if isinstance(settings, Smtp) else None
    place = f"{settings.folder}/{receipt.reply}" if isinstance(settings, Outbox) else None
    if json:
        output.document(
            {
                "to": message.recipient,
                "channel": channel.name,
                "relay": relay,
                "file": place and str(project.root / place),
                "message_id": message.message_id,
                "reply": receipt.reply if relay else None,
            }
        )
    elif place is not None:
        output.data(inert(f"{caret.prefix(project.root)}{place}"))
        output.talk(f"Written for {message.recipient}; the channel `{channel.name}` only keeps mails as files.")
    else:
        output.prose(f"Sent to {message.recipient} by relay {relay}.")
