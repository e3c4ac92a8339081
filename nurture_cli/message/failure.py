"""Why a message could not be made: a closed list of reasons, and the error that carries one."""

from __future__ import annotations

from enum import StrEnum

from nurture_cli.campaign.model import Asset
from nurture_cli.errors import NurtureError
from nurture_cli.exit_code import ExitCode


class Flaw(StrEnum):
    """Why a message was not made; exactly one of these."""

    UNDEFINED_VARIABLE = "undefined-variable"  # an unknown name, or a fact that this contact does not have
    TEMPLATE_ERROR = "template-error"  # cannot be read, or does what templates may not do
    TOO_LONG = "too-long"  # over the cap on the size of a message, a subject or a link
    TOO_SLOW = "too-slow"  # over the cap on time
    EMPTY_SUBJECT = "empty-subject"
    NO_UNSUBSCRIBE = "no-unsubscribe"  # a part of the mail does not say how to unsubscribe
    NO_POSTAL_ADDRESS = "no-postal-address"
    UNRESOLVED_PLACEHOLDER = "unresolved-placeholder"  # `{{` that nothing fills, or another tool's merge field
    BAD_LINK = "bad-link"
    BAD_ADDRESS = "bad-address"
    MALFORMED = "malformed"  # the finished bytes are not the intended mail: a fault of ours


class RenderError(NurtureError):
    """One message could not be made, for `reason`; the sentence begins with the place, when one is known."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, reason: Flaw, words: str, hint: str | None = None, *, place: str | None = None) -> None:
        super().__init__(f"{place}: {words}" if place else words, hint)
        self.reason = reason
        self.place = place  # file:line


def place_of(asset: Asset, key: str) -> str:
    """`file:line` of a front-matter key of an asset."""
    return f"{asset.file}:{asset.places.get(key, asset.span).line}"
