"""A test mail: its channel delivers it for real, and the database records nothing of it.

It makes no touch, counts towards no limit, and may leave at any hour. `Renderer.test_message` makes its text and links
harmless.
"""

from __future__ import annotations

from pathlib import Path

from nurture_cli.campaign.channels import Outbox
from nurture_cli.campaign.model import Channel, Config
from nurture_cli.delivery.channels import open_messenger
from nurture_cli.delivery.messenger import Blame, Outcome, Outgoing, Receipt
from nurture_cli.errors import Busy, Findings, InDoubt, InputOutput, NurtureError
from nurture_cli.runner.settle import OURS, in_words


def send_test(channel: Channel, root: Path, config: Config, message: Outgoing) -> Receipt:
    """Deliver one mail and return the answer; raises the NurtureError that says why it was not taken."""
    messenger = open_messenger(channel, root, config)
    try:
        messenger.open()
        receipt = messenger.deliver(message, lambda: True)
    finally:
        messenger.close()
    if receipt.outcome is not Outcome.ACCEPTED:
        raise _why_not_taken(channel, message.recipient, receipt)
    return receipt


def _why_not_taken(channel: Channel, to: str, receipt: Receipt) -> NurtureError:
    said = in_words(receipt)
    match receipt.outcome:
        case Outcome.UNKNOWN:
            return InDoubt(
                f"The test mail to {to} was handed over, but no answer came: {said}.",
                "It may have arrived: look into the mailbox before you send it again.",
            )
        case Outcome.REFUSED if receipt.blame in OURS:
            return Findings(
                f"The test mail to {to} was refused: {said}.",
                "The problem is the sender, not the recipient: ask the administrator of the mail server.",
            )
        case Outcome.REFUSED if receipt.blame is Blame.MESSAGE:
            return Findings(f"The test mail to {to} was refused: {said}.", "The problem is the message itself.")
        case Outcome.REFUSED:
            return Findings(f"The test mail to {to} was refused: {said}.", "Is the address right?")
        case Outcome.DEFERRED | Outcome.ACCEPTED:
            if isinstance(channel.settings, Outbox):
                return InputOutput(f"The test mail could not be kept: {said}.")
            return Busy(f"The test mail to {to} was put off: {said}.", "Try again later.")
