"""The token in the unsubscribe link of every mail, found in any text or mail that holds it.

A whole link, percent-encoded or not, a `mailto:` link or the subject of the mail that it makes, a `List-Unsubscribe`
header, a line of quoted-printable text: everything but the token is skipped, and the token proves itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nurture_cli.address import email_and_key
from nurture_cli.keys import NOBODY
from nurture_cli.store.contacts import address_hash_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from nurture_cli.keys import Keys
    from nurture_cli.store.database import Connection

NOT_OURS = "It holds no token of this project: the token may be cut off, changed, or from another project."
LENGTH, OLD_LENGTH = 48, 32  # characters of a token, and of one in an older mail
_LONGEST = 2_000  # characters of a text that are searched; a link has 900 at most
_MAY_BE = re.compile(rf"[A-Za-z0-9_-]{{{OLD_LENGTH},}}")
_SOFT_BREAK = re.compile(r"=[ \t]*\r?\n")
_QUOTED = re.compile(r"=([0-9A-F]{2})")
_LINK = re.compile(r"<?\s*(?:https?://|mailto:)", re.IGNORECASE)
_LONGEST_MAIL = 200_000  # characters of a mail's texts that are searched
_ASKING = ("to", "delivered-to", "x-original-to", "envelope-to", "subject")
_FIELD = re.compile(rb"([A-Za-z][A-Za-z-]*):")
_FIELDS = frozenset(
    (b"from", b"to", b"subject", b"date", b"received", b"return-path", b"message-id", b"mime-version", b"delivered-to")
)
_FIRST_LINES = 10  # of a mail, where two of its fields must be
_SEPARATOR = re.compile(
    rb"^From [^\n]*\d:\d\d[^\n]*\n(?=[A-Za-z][A-Za-z-]*:)", re.MULTILINE
)  # between mails of an mbox
_QUOTE = re.compile(r"^[> \t]+|[ \t]+$", re.MULTILINE)
_LINE_BREAK = re.compile(r"\r?\n")
_BARE = re.compile(rf"[A-Za-z0-9_-]{{{OLD_LENGTH}}}(?:[A-Za-z0-9_-]{{{LENGTH - OLD_LENGTH}}})?")


class Addressees:
    """Finds the address that a text means: the address itself, or the token of an unsubscribe link."""

    def __init__(self, db: Connection, keys: Keys) -> None:
        self._db = db
        self._keys = keys
        self._address_hash: Callable[[str], bytes] = keys.address_hasher()

    def address_hash(self, text: str) -> bytes:
        """The hash of the address; raises ValueError with a whole sentence when the text is neither."""
        if len(text) >= OLD_LENGTH:
            found = self.of_token(text)
            if found is not None:
                return found
            if _LINK.match(text) or _BARE.fullmatch(text.strip()):
                raise ValueError(NOT_OURS)
        _, key = email_and_key(text)
        return self._address_hash(key)

    def of_token(self, text: str) -> bytes | None:
        """The hash of the address whose token is in the text; None when there is no token of this project.

        Raises ValueError for the tokens of several contacts, and for one of a contact who is gone or never was here.
        """
        return self._of(_candidates(text[:_LONGEST]))

    def of_mail(self, raw: bytes) -> bytes | None:
        """The hash of the address whose token is in a whole mail: in its recipient or subject, else anywhere in it.

        None and ValueError as `of_token`.
        """
        mail = message_from_bytes(raw)
        asked = self._of(_candidates(_headers(mail, _ASKING)))
        return asked if asked is not None else self._of(_candidates(_whole(mail)))

    def _of(self, candidates: Iterable[str]) -> bytes | None:
        found = {address_hash for token in candidates if (address_hash := self._proved(token)) is not None}
        if len(found) > 1:
            raise ValueError("It holds tokens of several contacts; give them one by one.")
        if NOBODY in found:
            raise ValueError("It is the token of a test mail or a sample, and belongs to no contact.")
        return next(iter(found), None)

    def _proved(self, token: str) -> bytes | None:
        """The hash of the address for which a token was made here."""
        if len(token) == LENGTH:
            return self._keys.unsubscribed_address(token)
        contact = self._keys.unsubscribed_contact(token)
        if contact is None:
            return None
        if contact == 0:
            return NOBODY
        found = address_hash_of(self._db, contact)
        if found is None:
            raise ValueError("The contact of this token is not in the database any more.")
        return found


def looks_like_mail(raw: bytes) -> bool:
    """Whether a text begins with the header of a mail."""
    names = [
        found[1].lower() for line in raw.lstrip()[:10_000].splitlines()[:_FIRST_LINES] if (found := _FIELD.match(line))
    ]
    return len(_FIELDS.intersection(names)) > 1


def mails_in(raw: bytes) -> list[bytes]:
    """The mails of an mbox file, one by one; any other text is one mail."""
    text = raw.lstrip()
    return _SEPARATOR.split(text)[1:] if _SEPARATOR.match(text) else [raw]


def _headers(mail: Message, names: Collection[str] | None = None) -> str:
    """The values of a mail's header fields, decoded, one a line."""
    lines = []
    for name, value in mail.items():
        if names is None or name.lower() in names:
            text = str(value)
            try:
                lines.append(str(make_header(decode_header(text))))
            except (ValueError, LookupError, UnicodeError, HeaderParseError):
                lines.append(text)
    return "\n".join(lines)


def _whole(mail: Message) -> str:
    """All texts of a mail, decoded, without quote marks; then the same in one line, for wrapped links."""
    texts, left = [], _LONGEST_MAIL
    for part in mail.walk():
        texts.append(_headers(part))
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            texts.append(payload.decode("ascii", "replace") if isinstance(payload, bytes) else "")
        left -= len(texts[-1])
        if left < 0:
            break
    text = _QUOTE.sub("", "\n".join(texts)[:_LONGEST_MAIL])
    return text + " " + _LINE_BREAK.sub("", text)


def _candidates(text: str) -> Iterator[str]:
    """Everything in a text that has the form of a token, each once."""
    joined = _SOFT_BREAK.sub("", text)
    seen = set()
    for reading in (joined, unquote(unquote(joined)), _QUOTED.sub(lambda found: chr(int(found[1], 16)), joined)):
        for run in _MAY_BE.findall(reading):
            for length in (LENGTH, OLD_LENGTH):
                for start in range(len(run) - length + 1):
                    token = run[start : start + length]
                    if token not in seen:
                        seen.add(token)
                        yield token
