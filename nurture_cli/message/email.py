"""A letter as bytes: RFC 5322 with CRLF, the text part first, every line short enough, checked before it leaves here.

No byte from the contact can change the structure: the recipient is one validated address, text is encoded, header
values are cleaned, and the finished header block is read again and must have exactly the intended fields.
"""

from __future__ import annotations

import binascii
import re
from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from nurture_cli.campaign.model import Config
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.headers import cleaned, mailbox, unstructured
from nurture_cli.message.unsubscribe import Unsubscribe

LONGEST_LINE = 998  # octets, without the line end (RFC 5322)

_C0 = bytes(set(range(32)) - {9, 10}) + b"\x7f"
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_BEYOND_ASCII = bytes(range(128, 256))
_TO = re.compile(rb'To: (?:(?:"(?:[^"\\]|\\.)*"|[^"\\<>,:;@()]+) <([^\s<>,:;()"\\]+)>|([^\s<>,:;()"\\]+))', re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Frame:
    """What all letters of a project have in common: header fields, each complete."""

    sender: str
    reply_to: str | None
    list_id: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter and its recipient; `display` and `subject` are cleaned, `html` is None for text alone."""

    display: str
    address: str
    subject: str
    at: int
    message_id: str
    unsubscribe: Unsubscribe | None  # None in a letter to a colleague
    text: str
    html: str | None
    is_test: bool = False  # a test mail, which belongs to no touch


def frame(config: Config) -> Frame:
    """The frame of a project's letters."""
    sender = config.sender
    return Frame(
        mailbox("From", cleaned(sender.name), sender.address),
        mailbox("Reply-To", "", sender.reply_to) if sender.reply_to else None,
        f"List-Id: <{list_id(config)}>",
    )


def list_id(config: Config) -> str:
    """The project's name for mail programs, the same in all its letters (RFC 2919)."""
    domain = config.sender.address.rpartition("@")[2]
    label = re.sub(r"[^a-z0-9]+", "-", config.name.lower()).strip("-")
    if not config.name.isascii() or not label:
        label = f"{label}-{sha256(config.name.encode('utf-8', 'replace')).hexdigest()[:12]}".strip("-")
    return f"{label[:60]}.{domain}"


def assembled(frame: Frame, letter: Letter) -> tuple[bytes, str]:
    """The bytes of a letter, and the hex digest of all but its Date; raises RenderError if they are not right."""
    before = (frame.sender, mailbox("To", letter.display, letter.address), unstructured("Subject", letter.subject))
    date = f"Date: {_date(letter.at)}"
    tag = letter.message_id.partition("@")[0]
    kind, body = _body(letter, tag)
    after = (
        f"Message-ID: <{letter.message_id}>",
        *((frame.reply_to,) if frame.reply_to else ()),
        frame.list_id,
        *(letter.unsubscribe.fields() if letter.unsubscribe else ()),
        "X-Nurture-Test: yes" if letter.is_test else f"X-Nurture-Touch: {tag}",
        "MIME-Version: 1.0",
        *kind,
    )
    fields = (*before, date, *after)
    try:
        head = "\r\n".join(fields).encode("ascii")
    except UnicodeEncodeError:
        raise _malformed("a header field is not ASCII") from None
    _check(head, [field.partition(":")[0].encode() for field in fields], letter.address.encode())
    digest = sha256("\r\n".join((*before, *after)).encode())
    digest.update(body)
    return b"%b\r\n\r\n%b" % (head, body), digest.hexdigest()


def encoded(text: str) -> tuple[str, bytes]:
    """The transfer encoding that suits a text, and its bytes: lines of at most 76 characters, each ending in CRLF."""
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").translate(None, _C0)
    if not raw.isascii():
        raw = _C1.sub(b"", raw)
    if not raw.endswith(b"\n"):
        raw += b"\n"
    if len(raw.translate(None, _BEYOND_ASCII)) * 5 < len(raw) * 4:  # with more of them quoted-printable would be longer
        return "base64", encodebytes(raw.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    return "quoted-printable", binascii.b2a_qp(raw, False, True, False).replace(b"\n", b"\r\n")


def _body(letter: Letter, tag: str) -> tuple[tuple[str, ...], bytes]:
    """The fields that describe the body, and the body."""
    encoding, text = encoded(letter.text)
    if letter.html is None:
        return ('Content-Type: text/plain; charset="utf-8"', f"Content-Transfer-Encoding: {encoding}"), text
    # `=_` is in no encoded text, so no text can end its part.
    boundary = f"=_{tag[:60]}"
    parts = []
    for kind, (way, data) in (("plain", (encoding, text)), ("html", encoded(letter.html))):
        head = f'--{boundary}\r\nContent-Type: text/{kind}; charset="utf-8"\r\n'
        # The last line break before a boundary belongs to it, not to the text.
        parts += [f"{head}Content-Transfer-Encoding: {way}\r\n\r\n".encode(), data, b"\r\n"]
    return (
        (f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',),
        b"".join((*parts, f"--{boundary}--\r\n".encode())),
    )


def _check(head: bytes, names: list[bytes], address: bytes) -> None:
    """Read the header block as a receiver would, and raise unless it has the intended fields."""
    if not head.count(b"\r") == head.count(b"\n") == head.count(b"\r\n") or b"\0" in head:
        raise _malformed("a header field has a line break in it")
    read: list[bytes] = []
    for line in head.split(b"\r\n"):
        if len(line) > LONGEST_LINE:
            raise _malformed("a header line is too long")
        if line[:1] in (b" ", b"\t"):
            if not line.strip():
                raise _malformed("a header line is empty")
        else:
            read.append(line.partition(b":")[0])
    if read != names or len({name.lower() for name in names}) != len(names):
        raise _malformed("the header fields are not the intended ones")
    to = _TO.fullmatch(head[head.index(b"\r\nTo: ") + 2 : head.index(b"\r\nSubject:")].replace(b"\r\n", b""))
    if to is None or (to[1] or to[2]) != address:
        raise _malformed("there is not exactly one recipient")


def _malformed(what: str) -> RenderError:
    return RenderError(Flaw.MALFORMED, f"The finished mail would not be right: {what}.")


@lru_cache(maxsize=64)
def _date(at: int) -> str:
    return format_datetime(_EPOCH + timedelta(seconds=at))
