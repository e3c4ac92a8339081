"""What every mail must say in each of its parts: how to unsubscribe, who writes, and from where (R24)."""

from __future__ import annotations

from html import unescape

from markupsafe import escape

from nurture_cli.campaign.model import Sender
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.footer_words import FooterWords
from nurture_cli.message.plain import to_text
from nurture_cli.records import Contact


def permission_reminder(sender: Sender, contact: Contact, words: FooterWords) -> str:
    """Why the contact gets this mail: the project's own sentence, else that of `words` for the kind of consent.

    The recorded basis and source of the consent are not shown: they were written for auditors, not for readers.
    """
    return sender.permission_reminder or (words.express if contact.consent == "express" else words.implied)


def insist_on_footer(text: str, html: str | None, *, link: str, postal_address: str, files: tuple[str, str]) -> None:
    """Raise RenderError unless each part has the link to unsubscribe and all lines of the postal address.

    `files` are those to change when the text part, or the HTML part, does not have them.
    """
    lines = [line.strip() for line in postal_address.splitlines() if line.strip()]
    parts = [("text", link in text, text, text, files[0])]
    if html is not None:
        parts.append(("HTML", str(escape(link)) in html or link in unescape(html), html, "", files[1]))
    for name, has_link, part, readable, file in parts:
        if not has_link:
            raise RenderError(
                Flaw.NO_UNSUBSCRIBE,
                f"The {name} part has no link to unsubscribe.",
                "Print {{ unsubscribe_url }} in the layout.",
                place=file,
            )
        if all(str(escape(line)) in part or line in part for line in lines):
            continue
        words = " ".join((readable or to_text(part)).split())
        if not all(" ".join(line.split()) in words for line in lines):
            raise RenderError(
                Flaw.NO_POSTAL_ADDRESS,
                f"The {name} part does not give the postal address.",
                "Print {{ sender.postal_address }} in the layout.",
                place=file,
            )
