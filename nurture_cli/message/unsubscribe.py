"""How to unsubscribe from a mail: a link and a mail address, both with the contact's token (RFC 2369, RFC 8058)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nurture_cli.campaign.model import Sender
from nurture_cli.message.failure import Flaw, RenderError

LONGEST_LINK = 900  # octets; a header line of 998 cannot be folded inside a link
TOKEN = "{token}"

_LONGEST_LINE = 998
_FIT = re.compile(r"[!#-;=?-\[\]_a-z~%]+")  # ASCII without blanks, quotation marks, angle brackets, braces and the like


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The ways to unsubscribe for one contact; there is at least one of the two links."""

    url: str | None
    mailto: str | None

    @property
    def link(self) -> str:
        """The link for the body: the page if there is one, else the mail."""
        return self.url or self.mailto or ""

    def fields(self) -> tuple[str, ...]:
        """The header fields, each on one line: encoded or folded they would not work."""
        targets = [f"<{link}>" for link in (self.url, self.mailto) if link]
        line = f"List-Unsubscribe: {', '.join(targets)}"
        if len(line) > _LONGEST_LINE:
            line = f"List-Unsubscribe: {targets[0]}"
        if self.url is not None and self.url.startswith("https://"):
            return line, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
        return (line,)


def ways_out(sender: Sender, token: str) -> Unsubscribe:
    """The ways with the contact's token in them; raises RenderError when there is none, or one that cannot work."""
    url = mailto = None
    if sender.unsubscribe_url is not None:
        if TOKEN not in sender.unsubscribe_url:
            raise RenderError(
                Flaw.NO_UNSUBSCRIBE,
                "The unsubscribe link does not say who unsubscribes.",
                "Put {token} into sender.unsubscribe.url in nurture.yml.",
            )
        url = _fit(sender.unsubscribe_url.replace(TOKEN, token))
        if not url.startswith(("https://", "http://")):
            raise RenderError(Flaw.BAD_LINK, "The unsubscribe link does not begin with `https://`.")
    if sender.unsubscribe_mailto is not None:
        address = sender.unsubscribe_mailto.removeprefix("mailto:")
        if TOKEN in address:
            mailto = _fit(f"mailto:{address.replace(TOKEN, token)}")
        else:
            mailto = _fit(f"mailto:{address}{'&' if '?' in address else '?'}subject=unsubscribe%20{token}")
    if url is None and mailto is None:
        raise RenderError(
            Flaw.NO_UNSUBSCRIBE,
            "There is no way to unsubscribe.",
            "Set sender.unsubscribe.url or sender.unsubscribe.mailto in nurture.yml.",
        )
    return Unsubscribe(url, mailto)


def _fit(link: str) -> str:
    if len(link) > LONGEST_LINK:
        raise RenderError(
            Flaw.TOO_LONG,
            f"The unsubscribe link has {len(link)} characters; mail can carry {LONGEST_LINK}.",
        )
    if _FIT.fullmatch(link) is None:
        raise RenderError(Flaw.BAD_LINK, "The unsubscribe link has characters that a link cannot have.")
    return link
